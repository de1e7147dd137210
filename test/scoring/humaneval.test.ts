import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPythonRunner } from '../../src/sandbox/runner.js';
import { SnapshotCache } from '../../src/sandbox/snapshot.js';
import { testProgram } from '../../src/scoring/filters/code.js';
import { withoutFences } from '../../src/scoring/filters/sanitise.js';
import { type Score, score, scoreAll } from '../../src/scoring/score.js';
import { type Scorable, scorerSpec } from '../../src/scoring/spec.js';
import { loadTask } from '../../src/tasks/library.js';
import { humaneval } from '../../src/tasks/records/humaneval.js';

const python = createPythonRunner({
  limits: { timeLimitMs: 3_000, memoryBytes: 256 * 2 ** 20 },
  snapshots: new SnapshotCache(join(tmpdir(), 'repro-test-sandbox')),
});
const task = loadTask('humaneval', 'mini');

const bothWays: Scorable = {
  until: task.until,
  scorers: [
    scorerSpec.parse({ name: 'plain', filter: { kind: 'code' }, metric: { kind: 'tests-pass' } }),
    scorerSpec.parse({
      ...{ name: 'sanitised', metric: { kind: 'tests-pass' } },
      filter: { kind: 'code', assemble: 'sanitise' },
    }),
  ],
};

/** @param expected as the worked examples say it: "passed", "failed: ...", "timed out" */
function expectAs({ correct, detail }: Score, expected: string): void {
  expect(correct).toBe(expected === 'passed');
  if (expected === 'timed out') expect(detail).toMatch(/^timeout: /);
  else if (!correct) expect(detail).toContain(expected);
}

describe('HumanEval', () => {
  interface Example {
    benchmark: string;
    record: unknown;
    model_output_raw: string;
    after_fence_removal: string;
    sanitized_candidate: string;
    extracted: { lm_eval_candidate: string; sanitised_candidate: string };
    gold: string;
    score: Record<string, string>;
  }
  const examples: Example[] = JSON.parse(
    readFileSync(new URL('../fixtures/scoring/worked-examples.json', import.meta.url), 'utf8'),
  );

  it.each(
    examples
      .filter(({ benchmark }) => benchmark === 'humaneval')
      .map((example, i) => [i + 1, example] as const),
  )('worked example %i gives the candidates and scores of lm-eval and of the sanitiser', async (_, example) => {
    const gold = humaneval.views([humaneval.schema.parse(example.record)])[0]!;
    const scores = await scoreAll(bothWays, gold, example.model_output_raw, python);
    const plain = scores.get('plain')!;
    const sanitised = scores.get('sanitised')!;
    expect(plain.extracted).toBe(example.extracted.lm_eval_candidate);
    expect(withoutFences(example.model_output_raw)).toBe(example.after_fence_removal);
    expect(sanitised.extracted).toBe(example.extracted.sanitised_candidate);
    expect(sanitised.extracted).toBe(example.sanitized_candidate);
    expectAs(plain, example.score['lm-eval humaneval (prompt + cut output)']!);
    expectAs(sanitised, example.score['sanitise path (Fast-dLLM/dLLM-Cache metric)']!);
    const program = testProgram(gold.code!, plain.extracted!);
    expect(program).toBe(`${plain.extracted}\n${example.gold}\n`);
  });

  it('passes reference solutions of the mini set, and fails those of another problem', async () => {
    const [a, b] = (await task.samples()).filter((sample) => sample.meta.index < 2);
    expect(await score(task, a!, a!.meta.solution, python)).toMatchObject({ correct: true });
    expect(await score(task, b!, a!.meta.solution, python)).toMatchObject({ correct: false });
  });

  it('is wrong without a body, and starts no interpreter for it', async () => {
    expect(await score(task, (await task.samples())[0]!, '\n \n', python)).toEqual({
      extracted: null,
      correct: false,
    });
  });
});
