import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { ExperimentPlan } from '../../src/config/experiment-plan.js';
import { type PlanChoice, planExperiment } from '../../src/config/plan-experiment.js';
import { UsageError } from '../../src/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'repro-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The plan of a file with this text; `others` are files beside it. */
export function planOf(
  text: string,
  choice: PlanChoice = {},
  others: Readonly<Record<string, string>> = {},
  name = 'my.yaml',
): ExperimentPlan {
  for (const [file, content] of Object.entries({ ...others, [name]: text })) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return planExperiment(join(folder, name), choice);
}

/** What a file with this text is told. */
export function refusalOf(...args: Parameters<typeof planOf>): string {
  try {
    planOf(...args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message.replaceAll(`${folder}/`, '');
  }
  return 'accepted';
}

/** Lines of a small file that is right. */
export const small = 'methods: [dynamic-dllm]\nbenchmarks: [gsm8k, math]\n';

/** The swept values of each point, as text. */
export function paramsOf({ points }: ExperimentPlan): string[] {
  return points.map(({ params }) => Object.values(params).join(' '));
}
