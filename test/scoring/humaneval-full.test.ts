import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { bubblewrapBackend } from '../../src/sandbox/native.js';
import { createPythonRunner } from '../../src/sandbox/runner.js';
import { SnapshotCache } from '../../src/sandbox/snapshot.js';
import { score } from '../../src/scoring/score.js';
import { type Scorable, scorerSpec } from '../../src/scoring/spec.js';
import { humaneval } from '../../src/tasks/records/humaneval.js';

const file = join(process.env.REPRO_DATA_DIR ?? '', 'humaneval', 'HumanEval.jsonl.gz');
const skipped = existsSync(file) ? false : 'REPRO_DATA_DIR is not set';

const records = skipped
  ? []
  : gunzipSync(readFileSync(file))
      .toString()
      .trim()
      .split('\n')
      .map((line) => humaneval.schema.parse(JSON.parse(line)));

/** In time, because tests share the machine. */
const generous = { timeLimitMs: 30_000, memoryBytes: 512 * 2 ** 20 };
const bubblewrap = await bubblewrapBackend().catch(() => null);
const python = createPythonRunner({
  limits: generous,
  snapshots: new SnapshotCache(join(tmpdir(), 'repro-test-sandbox')),
  concurrency: 2,
});

/** What a program gives is the same in any Python, and the system's is the faster one. */
const fastest =
  bubblewrap === null
    ? python
    : createPythonRunner({ backend: bubblewrap, limits: generous, concurrency: 2 });

function taskOf(assemble: string): Scorable {
  const spec = { name: 'pass@1', filter: { kind: 'code', assemble }, metric: { kind: 'tests-pass' } };
  return { until: [], scorers: [scorerSpec.parse(spec)] };
}

type HumanEval = (typeof records)[number];

/** How each record's answer ended: the ids of those that passed, and why the others did not. */
async function judge(assemble: string, answer: (record: HumanEval) => string, runner = python) {
  const task = taskOf(assemble);
  const passed: string[] = [];
  const failed: Record<string, string> = {};
  const judged = records.map(async (record) => {
    const { correct, detail, error } = await score(
      task,
      humaneval.views([record])[0]!,
      answer(record),
      runner,
    );
    expect(error).toBeUndefined();
    if (correct) passed.push(record.task_id);
    else failed[record.task_id] = String(detail);
  });
  await Promise.all(judged);
  return { passed, failed };
}

/**
 * The reference solution with another value in place of whatever it gives: not the same by construction, so that no
 * test which the reference passes by comparing can pass. Calls from inside the function see the true values.
 */
const perturbed = ({ canonical_solution: body, entry_point: name }: HumanEval) => `${body}

_right, _depth = ${name}, 0

def _other(value):
    if value is None or isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, list):
        return value + [None]
    if isinstance(value, tuple):
        return value + (None,)
    return {**value, "x": None}

def ${name}(*values):
    global _depth
    _depth += 1
    try:
        result = _right(*values)
    finally:
        _depth -= 1
    return result if _depth else _other(result)
`;

describe.skipIf(skipped)(`HumanEval in full${skipped ? ` (${skipped})` : ''}`, () => {
  test('164 of 164 reference solutions pass by concatenation', async () => {
    expect(records).toHaveLength(164);
    await python.run('x = 1');
    const start = performance.now();
    const { passed, failed } = await judge('concatenate', (record) => record.canonical_solution);
    const seconds = (performance.now() - start) / 1000;
    console.log(`164 programs in ${seconds.toFixed(1)} s, ${(164 / seconds).toFixed(2)} a second`);
    expect(failed).toEqual({});
    expect(passed).toHaveLength(164);
  }, 400_000);

  test('163 pass by the sanitiser: it removes the helper that the test of HumanEval/50 calls', async () => {
    const { passed, failed } = await judge('sanitise', (record) => record.canonical_solution, fastest);
    expect(passed).toHaveLength(163);
    expect(failed).toEqual({ 'HumanEval/50': expect.stringContaining("'encode_shift' is not defined") });
  }, 400_000);

  test.skipIf(bubblewrap === null)(
    'bubblewrap, where it is there, says the same of the references',
    async () => {
      const { failed } = await judge('concatenate', (record) => record.canonical_solution, fastest);
      expect(failed).toEqual({});
    },
    400_000,
  );

  test('no program that returns None passes', async () => {
    const { passed, failed } = await judge('concatenate', () => '    return None\n', fastest);
    expect(passed).toEqual([]);
    expect(Object.keys(failed)).toHaveLength(164);
  }, 400_000);

  test('no program that gives another value than the reference passes', async () => {
    const { passed, failed } = await judge('concatenate', perturbed, fastest);
    expect(passed).toEqual([]);
    expect(Object.keys(failed)).toHaveLength(164);
  }, 400_000);
});
