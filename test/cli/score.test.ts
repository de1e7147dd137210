import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { folderWith, jsonl } from '../tasks/data-dir.js';
import { repro } from './run.js';

const record = { question: 'How many?', answer: 'So 3.\n#### 3' };
const stub = {
  task_id: 'T/0',
  prompt: 'def one():\n    """ One. """\n',
  canonical_solution: '    return 1\n',
  test: 'def check(f):\n    assert f() == 1\n',
  entry_point: 'one',
};
const file = (lines: readonly unknown[]) => `${folderWith({ 'outputs.jsonl': jsonl(lines) })}/outputs.jsonl`;

describe('repro score', () => {
  test('scores outputs by every scorer of a task', async () => {
    const path = file([
      { record, output: 'It is 3.\n#### 3<|eot_id|>' },
      { record, output: 'It is 3' },
      { record, output: 'none' },
    ]);
    const { stdout, code } = await repro(['score', path, '--task', 'gsm8k']);
    expect(code).toBe(0);
    expect(stdout).toBe(
      'gsm8k, profile lm-eval, version 1: 3 outputs\n' +
        'flexible-extract   66.7 %  2 of 3, 95 % interval 20.8 to 93.9\n' +
        'strict-match       33.3 %  1 of 3, 95 % interval 6.1 to 79.2\n',
    );
    const json = JSON.parse((await repro(['score', path, '--task', 'gsm8k', '--json'])).stdout) as {
      samples: { scores: Record<string, { extracted: string }> }[];
    };
    expect(json.samples[2]!.scores['flexible-extract']).toEqual({ extracted: '[invalid]', correct: false });
  });

  test('MMLU: over all documents, and the mean over subjects', async () => {
    const row = (subject: string, output: string) => ({
      record: { question: 'q', subject, choices: ['a', 'b', 'c', 'd'], answer: 1 },
      output,
    });
    const path = file([row('anatomy', 'B'), row('anatomy', 'B'), row('anatomy', 'B'), row('virology', 'C')]);
    const { stdout } = await repro(['score', path, '--task', 'mmlu']);
    expect(stdout).toMatch(/^get_response +75\.0 % {2}3 of 4, .*; mean over groups 50\.0 %$/m);
  });

  test('GPQA: letters of the whole file, whatever lines a file of outputs has', async () => {
    const csv = join(packageRoot, 'test', 'fixtures', 'tasks', 'gpqa_main-invented.csv');
    const records = (parse(readFileSync(csv), { columns: true }) as object[]).slice(1, 3);
    const path = file([...records, records[0]!].map((record) => ({ record, output: '(C)' })));
    const { stdout } = await repro(['score', path, '--task', 'gpqa', '--data', csv, '--json']);
    const { samples } = JSON.parse(stdout) as { samples: { target: string }[] };
    expect(samples.map(({ target }) => target)).toEqual(['C', 'D', 'C']);
    const without = await repro(['score', path, '--task', 'gpqa']);
    expect(without.stderr).toMatch(/order that the whole data file decides, and it is not here; give --data/);
    expect(without.code).toBe(2);
  });

  test('a run: each method by itself', async () => {
    const gsm8k = folderWith({ 'gsm8k/test.jsonl': jsonl([record]) });
    const shown = await repro(['tasks', 'show', 'gsm8k', '--shots', '0', '--json', '--data', gsm8k]);
    const { id } = JSON.parse(shown.stdout) as { id: string };
    const sample = (method: string, text: string) => ({
      ...{ cell: `gsm8k/${method}`, benchmark: 'gsm8k', sample: id, output: { text } },
    });
    const path = file([sample('a', '#### 3'), sample('b', '#### 4')]);
    const train = jsonl(Array.from({ length: 4 }, () => record));
    const data = folderWith({ 'gsm8k/test.jsonl': jsonl([record]), 'gsm8k/train.jsonl': train });
    const { stdout } = await repro(['score', path, '--task', 'gsm8k', '--data', data]);
    expect(stdout).toMatch(
      /^gsm8k\/a\n {2}flexible-extract +100\.0 %[\s\S]*\ngsm8k\/b\n {2}flexible-extract +0\.0 %/m,
    );
    expect(stdout).not.toContain('pass@');
  });

  test('estimates pass@k where problems have several outputs', async () => {
    const outputs = ['    return 1\n', '    return 2\n'];
    const path = file(outputs.map((output) => ({ record: stub, output })));
    const { stdout } = await repro(['score', path, '--task', 'humaneval']);
    expect(stdout).toMatch(/^pass@1 +50\.0 % {2}1 of 2/m);
    expect(stdout).toContain('unbiased pass@1: 50.0 % (2 outputs a problem, 1 problem)');
  });

  test.for([
    [[{ output: 'x' }], /^repro: Line 1 of .* is neither \{"record"/],
    [
      [
        { record, output: 'x' },
        { record: { question: 'q' }, output: 'x' },
      ],
      /^repro: Line 2 of .*, record: field "answer" is missing; name the --task/,
    ],
    [
      [{ sample: 's', cell: 'c', benchmark: 'mmlu', output: { text: '' } }],
      /has no output of gsm8k: 1 lines are of other/,
    ],
  ] as const)('%j is one sentence', async ([lines, expected]) => {
    const { stderr, code } = await repro(['score', file(lines), '--task', 'gsm8k']);
    expect(stderr).toMatch(expected);
    expect(code).toBe(2);
  });
});
