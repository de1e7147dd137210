import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { replay } from '../../src/decoding/trace.js';
import { promptFormat } from '../../src/results/prompts.js';
import { readRows } from '../../src/results/row-log.js';
import { type SampleRow, sampleFormat } from '../../src/results/samples.js';
import { readTraces, type TraceFile, tracePath } from '../../src/results/trace-file.js';
import { loadTask } from '../../src/tasks/library.js';
import { answerTable, runCli } from './cli-runs.js';

let folder: string;
let samples: readonly SampleRow[];
let traces: readonly TraceFile[];
const at = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-traces-'));
  const run = await runCli([...answerTable, '--traces', '2', '--out', at('run')], folder);
  expect(run.code, run.stderr).toBe(0);
  samples = await readRows(at('run', 'samples.jsonl'), sampleFormat);
  traces = await readTraces(at('run', 'traces'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a run keeps the text of each prompt once, whatever the methods', async () => {
  const prompts = await readRows(at('run', 'prompts.jsonl'), promptFormat);
  const digests = new Set(samples.map(({ promptSha256 }) => promptSha256));
  expect(digests.size).toBe(6);
  expect(new Set(prompts.map(({ promptSha256 }) => promptSha256))).toEqual(digests);
  const lines = (await readFile(at('run', 'prompts.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(6);
  for (const { text, benchmark } of prompts) {
    expect(text).toMatch(/^<\|startoftext\|><\|start_header_id\|>user/);
    expect(text.includes('\nA. ')).toBe(benchmark === 'mmlu');
  }
});

test('the traces of the first samples of each cell replay to the ids of their rows', () => {
  const cells = new Set(samples.map(({ cell }) => cell));
  expect(traces).toHaveLength(2 * cells.size);
  for (const { cell, sample, promptIds, maskId, steps, texts } of traces) {
    const { output, promptTokens } = samples.find((row) => row.cell === cell && row.sample === sample)!;
    const committed = steps.map((step) => ({
      step: step.step,
      committed: step.committed.map(([position, id]) => ({ position, id, confidence: 0 })),
    }));
    const ids = replay(Int32Array.from(promptIds), output!.ids.length, maskId, committed);
    expect([...ids.subarray(promptTokens)]).toEqual(output!.ids);
    expect(promptIds).toHaveLength(promptTokens);
    expect(steps).toHaveLength(output!.nfe);
    for (const id of ids) expect(texts![id]).toBeDefined();
  }
});

test('every step says which rows it computed: those that the row counts of the sample add up to', () => {
  for (const { cell, sample, steps } of traces) {
    const { rows } = samples.find((row) => row.cell === cell && row.sample === sample)!.output!;
    const computed = steps.map((step) =>
      step.layerRows === undefined
        ? rows.layers * step.rows!.reduce((sum, [from, to]) => sum + to - from, 0)
        : step.layerRows.reduce((sum, chosen) => sum + chosen.length, 0),
    );
    expect(computed.reduce((sum, count) => sum + count, 0)).toBe(rows.layerRows);
  }
});

test('a resumed run keeps what it had, and the traces of shards are those of the whole', async () => {
  const again = await runCli([...answerTable, '--traces', '2', '--out', at('run'), '--resume'], folder);
  expect(again.code, again.stderr).toBe(0);
  expect(await readTraces(at('run', 'traces'))).toEqual(traces);
  for (const k of [1, 2]) {
    const args = ['--traces', '1', '--shard', `${k}/2`, '--out', at(`part-${k}`)];
    const part = await runCli([...answerTable, ...args], folder);
    expect(part.code, part.stderr).toBe(0);
  }
  const merged = await runCli(['merge', at('part-1'), at('part-2'), '--out', at('merged')], folder);
  expect(merged.code, merged.stderr).toBe(0);
  expect(await readTraces(at('merged', 'traces'))).toEqual(traces);
  expect(await readRows(at('merged', 'prompts.jsonl'), promptFormat)).toHaveLength(6);
});

test('of items that their authors ask not to show, no prompt is kept', () => {
  expect(loadTask('gpqa', 'lm-eval').confidential).toBe(true);
  expect(loadTask('gpqa', 'mini').confidential).toBe(false);
  expect(loadTask('gsm8k', 'lm-eval').confidential).toBe(false);
});

test('a damaged trace is one sentence', async () => {
  const path = tracePath(at('run', 'traces'), { cell: traces[0]!.cell!, sample: traces[0]!.sample! });
  await writeFile(path, '{"schema":1}');
  await expect(readTraces(at('run', 'traces'))).rejects.toMatchObject({
    code: 'TRACE_INVALID',
    message: expect.stringMatching(/"model": .*; remove the file, or make it again with --traces\.$/),
  });
});

test('ids that are longer than a file name keep names apart', () => {
  const path = (end: string) => tracePath('t', { cell: `gsm8k/${'x'.repeat(300)}${end}`, sample: 'gsm8k/1' });
  expect(path('a')).not.toBe(path('b'));
  for (const name of path('a').split('/')) expect(name.length).toBeLessThan(210);
});
