import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { experimentJsonSchema } from '../../src/config/json-schema.js';
import { planExperiment } from '../../src/config/plan-experiment.js';
import { planSha256 } from '../../src/experiments/manifest.js';
import type { PlanFacts } from '../../src/experiments/plan-facts.js';
import { repro } from './run.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-config-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

describe('repro config', () => {
  test('takes 40,000 characters of a command line, though it makes a session on the main thread', async () => {
    const args = ['config', 'table1', '--benchmarks', 'arc', '--methods', 'vanilla', '--set'];
    const { code, stderr } = await repro([...args, `generation.seed=${'7'.repeat(40_000)}`]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('prints what would run, with a time that says what it is', async () => {
    const { code, stdout, stderr } = await repro([
      'config',
      'table1',
      '--limit',
      '2',
      '--methods',
      'dynamic-dllm-apd',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('table1: Table 1: Accuracy and speed of the methods');
    expect(stdout).toContain('model reference (Reference model), settings for llada');
    expect(stdout).toMatch(
      /dynamic-dllm-apd \(Dynamic-dLLM\*\): cache dcu \(layerBudget and windowSize genLength \/ 8,/,
    );
    expect(stdout).toMatch(
      /gsm8k +version 1 +strict-match: gsm8k, exact-match +G 128, block 32, 128 steps +2 of 250/,
    );
    expect(stdout).toContain('1 point, 12 cells, 24 samples to decode');
    expect(stdout).toMatch(/decoding at most about [\d.]+ m?s/);
    expect(stdout).toMatch(/An estimate: .* GFLOP\/s/s);
    expect(stdout).toMatch(/dynamic-dllm-apd +at most 128 passes/);
  });

  test('--json has every point, with the hash of a run of the same', async () => {
    const args = ['layer-budget', '--quick', '--set', 'seed=3'];
    const { stdout } = await repro(['config', ...args, '--json', '--no-estimate']);
    const facts = JSON.parse(stdout) as PlanFacts & { estimate: null };
    const plan = planExperiment('layer-budget', {
      quick: true,
      overrides: [{ path: ['seed'], text: '3', origin: '' }],
    });
    expect(facts).toMatchObject({ id: 'layer-budget', sha256: planSha256(plan), cells: 18, estimate: null });
    expect(facts.points.map(({ params }) => params)).toEqual(plan.points.map(({ params }) => params));
    expect(facts.points[3]).toMatchObject({ seed: 3, limit: 2, measure: { timeBudgetSeconds: 60 } });
  });

  test('shows the first point of a sweep in full and the values of the others', async () => {
    const { stdout } = await repro(['config', 'refresh', '--no-estimate']);
    const path = 'methods.dllm-cache.cache';
    expect(stdout).toContain(`Point 1 of 4: ${path}.promptInterval=50, ${path}.responseInterval=2\n`);
    expect(stdout).toContain(`\n  4: ${path}.promptInterval=128, ${path}.responseInterval=32\n`);
    expect(stdout).toContain('4 points, 10 cells (6 of 16 are shared between points), 160 samples to decode');
    expect(stdout).not.toContain('GFLOP');
  });

  test('--schema prints the JSON Schema, without a file', async () => {
    expect(await repro(['config', '--schema'])).toEqual({
      code: 0,
      stdout: experimentJsonSchema(),
      stderr: '',
    });
  });

  test('errors are one sentence with file, line and column, and exit code 2', async () => {
    const file = await write('bad.yaml', 'extends: table1\ngrid:\n  generation.blockLenght: [16]\n');
    expect(await repro(['config', file])).toEqual({
      code: 2,
      stdout: '',
      stderr: `repro: ${file}:3:3: there is no setting "generation.blockLenght". Did you mean "generation.blockLength"?\n`,
    });
    expect((await repro(['config'])).stderr).toContain('config needs a file, or an id such as table1;');
    const both = await repro(['config', 'table1', '--quick', '--limit', '3']);
    expect(both.stderr).toContain('--quick and --limit contradict each other');
  });
});
