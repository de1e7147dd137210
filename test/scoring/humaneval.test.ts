import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPythonRunner } from '../../src/sandbox/runner.js';
import { SnapshotCache } from '../../src/sandbox/snapshot.js';
import { score } from '../../src/scoring/score.js';
import { loadTask } from '../../src/tasks/library.js';
import { humaneval } from '../../src/tasks/records/humaneval.js';

const python = createPythonRunner({
  limits: { timeLimitMs: 3_000, memoryBytes: 256 * 2 ** 20 },
  snapshots: new SnapshotCache(join(tmpdir(), 'repro-test-sandbox')),
});
const task = loadTask('humaneval', 'mini');

describe('HumanEval', () => {
  const examples: {
    benchmark: string;
    record: unknown;
    model_output_raw: string;
    score: Record<string, string>;
  }[] = JSON.parse(
    readFileSync(new URL('../fixtures/scoring/worked-examples.json', import.meta.url), 'utf8'),
  );

  it.each(
    examples
      .filter(({ benchmark }) => benchmark === 'humaneval')
      .map((example, i) => [i + 1, example] as const),
  )('worked example %i is judged as by lm-eval', async (_number, example) => {
    const gold = humaneval.views([humaneval.schema.parse(example.record)])[0]!;
    const { correct, detail } = await score(task, gold, example.model_output_raw, python);
    const expected = example.score['lm-eval humaneval (prompt + cut output)']!;
    expect(correct).toBe(expected === 'passed');
    if (expected === 'timed out') expect(detail).toMatch(/^timeout: /);
    else if (!correct) expect(detail).toContain(expected);
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
