import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DataSource } from '../../../src/tasks/data/source.js';
import { findTask } from '../../../src/tasks/library.js';
import { chatMessages, plainPrompt } from '../../../src/tasks/messages.js';
import { dataDir, folderWith, skipped } from '../data-dir.js';

const from = (path: string): DataSource => ({ path, named: '--data' });
const parquet = join(dataDir, 'parquet');
const ids = async (task: string, path: string, profile?: string) =>
  (await findTask(task, { profile, source: from(path), shots: { count: 0 } }).samples()).map(({ id }) => id);

describe('the real files have the rows that they should', () => {
  test.for([
    ['gsm8k', 1319],
    ['humaneval', 164],
    ['arc', 1172],
    ['mmlu', 14_042],
    ['math', 5000],
  ] as const)('%s: %i', async ([task, rows], context) => {
    if (skipped !== false) context.skip(skipped);
    const found = await ids(task, dataDir);
    expect(found).toHaveLength(rows);
    expect(new Set(found).size).toBe(rows);
  });

  test('GSM8K: 7473 to draw examples from', async (context) => {
    if (skipped !== false) context.skip(skipped);
    const samples = await findTask('gsm8k', { source: from(dataDir) }).samples();
    const rows = samples.flatMap(({ shotRows }) => shotRows ?? []);
    expect(rows).toHaveLength(4 * 1319);
    expect(Math.max(...rows)).toBeLessThan(7473);
    expect(Math.max(...rows)).toBeGreaterThan(7300);
  });

  test('OpenCompass drops the questions without four options: 1165 of 1172', async (context) => {
    if (skipped !== false) context.skip(skipped);
    const path = folderWith({
      'arc/validation.jsonl': readFileSync(join(dataDir, 'arc_challenge', 'test.jsonl')),
    });
    expect(await ids('arc', path, 'opencompass')).toHaveLength(1165);
  });
});

describe('every layout of a data set gives the same samples', () => {
  test.for(['gsm8k', 'mmlu/anatomy', 'humaneval'])('%s: the hub and its authors', async (task, context) => {
    if (skipped !== false) context.skip(skipped);
    const [upstream, hub] = [await ids(task, dataDir), await ids(task, parquet)];
    expect(hub.length).toBeGreaterThan(39);
    expect(upstream.slice(0, hub.length)).toEqual(hub);
  });

  test('ARC: lines of the hub, lines of AI2, parquet', async (context) => {
    if (skipped !== false) context.skip(skipped);
    const ai2 = folderWith({});
    mkdirSync(join(ai2, 'ARC-Challenge'));
    cpSync(
      join(dataDir, 'arc_challenge', 'ARC-Challenge-Test.ai2-layout.jsonl'),
      join(ai2, 'ARC-Challenge', 'ARC-Challenge-Test.jsonl'),
    );
    const lines = await ids('arc', dataDir);
    expect(await ids('arc', ai2)).toEqual(lines);
    const hub = await ids('arc', parquet);
    const content = (id: string) => id.split('-').at(-1)!;
    const known = new Set(lines.map(content));
    expect(hub.length).toBeGreaterThan(150);
    expect(hub.filter((id) => !known.has(content(id)))).toEqual([]);
  });

  test('MATH: a file of lines, parquet by subject, one file a problem', async (context) => {
    if (skipped !== false) context.skip(skipped);
    const content = (id: string) => id.split('-').at(-1)!;
    const known = new Set((await ids('math', dataDir)).map(content));
    const hub = await ids('math', parquet);
    expect(hub).toHaveLength(280);
    expect(hub.filter((id) => !known.has(content(id)))).toEqual([]);

    const lines = readFileSync(join(dataDir, 'math', 'test.jsonl'), 'utf8')
      .split('\n')
      .slice(0, 12);
    const single = folderWith(
      Object.fromEntries(lines.map((line, i) => [`MATH/test/algebra/${i}.json`, line])),
    );
    const inLines = folderWith({ 'math/test.jsonl': lines.join('\n') });
    expect(await ids('math', single)).toEqual(await ids('math', inLines));
  });

  test('a part of a benchmark: all subjects in one file, or one file each', async (context) => {
    if (skipped !== false) context.skip(skipped);
    const all = folderWith({});
    cpSync(join(parquet, 'cais', 'mmlu', 'all'), join(all, 'cais', 'mmlu', 'all'), { recursive: true });
    const whole = await ids('mmlu/anatomy', dataDir);
    expect(await ids('mmlu/anatomy', all)).toEqual(whole.slice(0, 5));
    expect(await ids('math/counting_and_probability', parquet)).toHaveLength(40);
  });

  test('a file or the data set’s own folder in place of the folder above it', async (context) => {
    if (skipped !== false) context.skip(skipped);
    const folder = join(dataDir, 'humaneval');
    expect(await ids('humaneval', folder)).toEqual(await ids('humaneval', dataDir));
    expect(await ids('humaneval', join(folder, 'HumanEval.jsonl.gz'))).toEqual(
      await ids('humaneval', folder),
    );
  });
});

describe('an OpenCompass prompt in a chat', () => {
  test('MMLU: one turn that begins with the description, as one text in Sparse-dLLM', async (context) => {
    if (skipped !== false) context.skip(skipped);
    const task = findTask('mmlu/anatomy', { profile: 'opencompass', source: from(dataDir) });
    const [sample] = await task.samples();
    const messages = chatMessages(sample!.parts, 'singleturn');
    expect(messages).toEqual([{ role: 'user', content: plainPrompt(sample!.parts) }]);
    expect(messages[0]!.content).toMatch(
      /^The following are multiple choice questions \(with answers\) about {2}anatomy\.\n\n.*\nA\. [\s\S]*\nAnswer: [A-D]\n[\s\S]*\nAnswer:$/,
    );
  });
});
