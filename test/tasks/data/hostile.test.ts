import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/paths.js';
import { dataSource } from '../../../src/tasks/data/source.js';
import { findTask } from '../../../src/tasks/library.js';
import { folderWith, jsonl, refusal } from '../data-dir.js';

const good = { question: 'How many?', answer: 'One.\n#### 1' };
const arcRow = (id: string, more = {}) => ({
  id,
  question: 'Which?',
  choices: { text: ['a', 'b', 'c'], label: ['1', '2', '3'] },
  answerKey: '2',
  ...more,
});
const fixture = (name: string) => readFileSync(join(packageRoot, 'test', 'fixtures', 'parquet', name));

async function samplesOf(
  task: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  profile?: string,
) {
  const source = { path: folderWith(files), named: '--data' } as const;
  return findTask(task, { source, profile, shots: { count: 0 } }).samples();
}

describe('what is odd and whole is read', () => {
  test('a byte order mark, mixed line ends, blank lines, gzip', async () => {
    const [a, b, c] = [1, 2, 3].map((n) => JSON.stringify({ ...good, question: `${n}?` }));
    const text = `\uFEFF${a}\r\n\n${b}\r${c}`;
    for (const [name, content] of [
      ['gsm8k/test.jsonl', text],
      ['gsm8k/test.jsonl.gz', gzipSync(text)],
    ] as const) {
      const samples = await samplesOf('gsm8k', { [name]: content });
      expect(samples.map(({ parts }) => parts.text)).toEqual(
        [1, 2, 3].map((n) => `Question: ${n}?\nAnswer:`),
      );
    }
  });

  test('ARC: three options with numeric labels, five options of which four are shown', async () => {
    const five = arcRow('five', {
      choices: { text: ['v', 'w', 'x', 'y', 'z'], label: ['A', 'B', 'C', 'D', 'E'] },
      answerKey: 'E',
    });
    const [three, other] = await samplesOf('arc', { 'arc/test.jsonl': jsonl([arcRow('three'), five]) });
    expect(three!.target).toBe('B');
    expect(three!.parts.text).toContain('\nA. a\nB. b\nC. c\nYour response');
    expect(other!.target).toBe('E');
    expect(other!.parts.text).toContain('\nD. y\nYour response');
    expect(
      await samplesOf('arc', { 'arc/validation.jsonl': jsonl([arcRow('three')]) }, 'opencompass'),
    ).toEqual([]);
  });

  test('MMLU: quoted line breaks and commas, spaces of options kept', async () => {
    const csv = '"Two\nlines, and a comma ",  one,"two ""2""",three ,four,C\n';
    const [sample] = await samplesOf('mmlu/anatomy', { 'mmlu/test/anatomy_test.csv': csv });
    expect(sample!.parts.text).toBe(
      'Two\nlines, and a comma\nA.   one\nB. two "2"\nC. three \nD. four\nAnswer:',
    );
    expect(sample!.target).toBe('C');
  });

  test('a row that repeats an earlier one is passed over, and that is told', async () => {
    const path = folderWith({ 'arc/test.jsonl': jsonl([arcRow('a'), arcRow('b'), arcRow('a')]) });
    const { samples, notices } = await findTask('arc', { source: { path, named: '--data' } }).load();
    expect(samples).toHaveLength(2);
    expect(notices).toEqual([
      expect.stringMatching(/^Row 3 of .* repeats row 1 of .* and is passed over\.$/),
      'ARC-Challenge has 2 test rows here; the published one has 1172.',
    ]);
  });

  test('GPQA: an answer that is missing is one space, as in the harness', async () => {
    const header =
      'Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer 3,Record ID';
    const source = {
      path: folderWith({ 'gpqa/gpqa_main.csv': `${header}\nq,right,,x [title] y,a  b,r1\n` }),
      named: '--data',
    } as const;
    const [sample] = await findTask('gpqa', { source, shots: { count: 0 } }).samples();
    expect([...sample!.choices!].sort()).toEqual([' ', 'a b', 'right', 'x. y']);
  });
});

describe('what is broken is named with file and place', () => {
  const parquet = fixture('zstd.parquet');
  test.for([
    [
      'a cut parquet file',
      'mmlu',
      { 'mmlu/all/test-00000-of-00001.parquet': parquet.subarray(0, 900) },
      /is cut off/,
    ],
    [
      'a damaged parquet file',
      'mmlu',
      { 'mmlu/all/test-0.parquet': damaged(parquet) },
      /damaged|not whole|cut off/,
    ],
    ['no parquet', 'mmlu', { 'mmlu/all/test-0.parquet': 'question,subject' }, /does not begin with PAR1/],
    [
      'a hub file of another data set',
      'gsm8k',
      { 'gsm8k/main/test-0.parquet': parquet },
      /^Row 1 of .*"answer"/,
    ],
    [
      'a missing field',
      'gsm8k',
      { 'gsm8k/test.jsonl': jsonl([good, { question: 'q' }]) },
      /^Row 2 of .*"answer" is missing/,
    ],
    [
      'a null',
      'gsm8k',
      { 'gsm8k/test.jsonl': jsonl([good, { ...good, question: null }]) },
      /^Row 2 of .*"question" is missing/,
    ],
    [
      'not JSON',
      'gsm8k',
      { 'gsm8k/test.jsonl': `${JSON.stringify(good)}\n{"question":` },
      /^Line 2 of .*is not JSON/,
    ],
    [
      'not UTF-8',
      'gsm8k',
      { 'gsm8k/test.jsonl': Buffer.from([0x7b, 0xff, 0xfe, 0x0a]) },
      /^Line 1 of .*is not UTF-8/,
    ],
    ['an empty file', 'gsm8k', { 'gsm8k/test.jsonl': '' }, /holds no rows/],
    ['an empty split', 'gsm8k', { 'gsm8k/test.json': '[]' }, /holds no rows/],
    [
      'a cut gzip',
      'humaneval',
      { 'humaneval/HumanEval.jsonl.gz': gzipSync('{}'.repeat(99)).subarray(0, 20) },
      /is cut off/,
    ],
    [
      'the same id twice',
      'arc',
      { 'arc/test.jsonl': jsonl([arcRow('a'), arcRow('b'), arcRow('a', { answerKey: '1' })]) },
      /^Row 3 of .*same id "a" as row 1 .* another record/,
    ],
    [
      'an answer that is no option',
      'arc',
      { 'arc/test.jsonl': jsonl([arcRow('a', { answerKey: 'D' })]) },
      /"answerKey": is one of/,
    ],
    [
      'labels and texts of unlike number',
      'arc',
      { 'arc/test.jsonl': jsonl([arcRow('a', { choices: { text: ['a', 'b'], label: ['A'] } })]) },
      /as many labels/,
    ],
    [
      'an MMLU answer that is no letter',
      'mmlu/anatomy',
      { 'mmlu/test/anatomy_test.csv': 'q,a,b,c,d,E\n' },
      /^Row 1 of .*"answer"/,
    ],
    [
      'a CSV of too few columns',
      'mmlu/anatomy',
      { 'mmlu/test/anatomy_test.csv': 'q,a,b,c,D\n' },
      /5 columns/,
    ],
    [
      'a Git LFS pointer',
      'mmlu',
      { 'mmlu/all/test-0.parquet': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n' },
      /LFS pointer/,
    ],
  ] as const)('%s', async ([, task, files, expected]) => {
    const error = await refusal(() => samplesOf(task, files));
    expect(error.message).toMatch(expected);
    expect(error.message).not.toContain('\n');
    expect(error.message).toMatch(/\.(parquet|jsonl|json|csv|gz)/);
    expect(error.exitCode).toBe(2);
  });

  test('a line of 100 MB', async () => {
    const line = Buffer.alloc(100 * 2 ** 20, 'x');
    const error = await refusal(() => samplesOf('gsm8k', { 'gsm8k/test.jsonl': line }));
    expect(error.message).toMatch(/^Line 1 of .* has more than 16 Mi characters/);
  });
});

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(0x5a, 40, 400);
  return copy;
}

describe('where data is looked for', () => {
  test('--data must exist and hold the data set', async () => {
    expect(() => dataSource('/does/not/exist', {})).toThrow(/^--data \/does\/not\/exist: there is no such/);
    const error = await refusal(() => samplesOf('gsm8k', { 'other/test.csv': 'a\n' }));
    expect(error.message).toMatch(
      /There are no test rows of GSM8K: .* holds none; type "repro data pull gsm8k"/,
    );
  });

  test('links that lead round in a circle hold nothing', async () => {
    const path = folderWith({});
    symlinkSync('gsm8k', join(path, 'gsm8k'));
    const error = await refusal(() => findTask('gsm8k', { source: { path, named: '--data' } }).samples());
    expect(error.message).toMatch(/There are no test rows of GSM8K/);
  });

  test('a single file is one split: the one that its name says', async () => {
    const files = { 'train.jsonl': jsonl([good, good, good, good]), 'test.jsonl': jsonl([good]) };
    const folder = folderWith(files);
    for (const name of ['train.jsonl', 'test.jsonl']) {
      const source = { path: join(folder, name), named: '--data' } as const;
      const { samples, shots } = await findTask('gsm8k', { source }).load();
      expect(samples).toHaveLength(1);
      expect(shots!.from).toBe('gsm8k train, drawn with seed 1234');
    }
    const alone = join(folderWith({ 'test.jsonl': jsonl([good]) }), 'test.jsonl');
    const error = await refusal(() =>
      findTask('gsm8k', { source: { path: alone, named: '--data' } }).samples(),
    );
    expect(error.message).toMatch(/There are no train rows of GSM8K/);
  });

  test('REPRO_DATA_DIR may lack a data set, but not itself', () => {
    expect(dataSource(undefined, {})).toEqual({});
    expect(dataSource(undefined, { REPRO_DATA_DIR: '' })).toEqual({});
    expect(() => dataSource(undefined, { REPRO_DATA_DIR: '/does/not/exist' })).toThrow(/^REPRO_DATA_DIR is/);
    const path = folderWith({});
    expect(dataSource(undefined, { REPRO_DATA_DIR: path })).toEqual({ path, named: 'REPRO_DATA_DIR' });
  });

  test('a name that another program has leads to every profile of the task', () => {
    expect(findTask('minerva_math').profile).toBe('lm-eval');
    expect(findTask('minerva_math', { profile: 'opencompass' }).id).toBe('math');
    expect(findTask('gsm8k_gen').profile).toBe('opencompass');
  });

  test('MATH says where its examples can come from', async () => {
    const record = { problem: 'p', level: 'Level 1', type: 'Algebra', solution: '\\boxed{1}' };
    const path = folderWith({ 'math/test.jsonl': jsonl([record]) });
    const error = await refusal(() => findTask('math', { source: { path, named: '--data' } }).samples());
    expect(error.message).toMatch(
      /put minerva-fewshot\.json into the folder that --data names, or pull its train/,
    );
  });

  test('MATH takes its examples from the training split by fixed ids where the file is not there', async () => {
    const exemplars = JSON.parse(
      readFileSync(join(packageRoot, 'test', 'fixtures', 'tasks', 'minerva-fewshot.json'), 'utf8'),
    ) as { problem: string; solution: string }[];
    const [marker] = ['\nFinal Answer: '];
    const train = exemplars.map(({ problem, solution }) => ({
      problem: problem.replace(/\.\}$/, '.').replaceAll('  ', ' '),
      solution: solution.split(marker!)[0]!,
      level: 'Level 5',
      type: 'Algebra',
    }));
    const other = { problem: 'p', level: 'Level 1', type: 'Algebra', solution: '\\boxed{1}' };
    const path = folderWith({
      'math/train.jsonl': jsonl([other, ...train.reverse()]),
      'math/test.jsonl': jsonl([other]),
    });
    const task = findTask('math', { source: { path, named: '--data' } });
    const { samples, shots } = await task.load();
    expect(shots!.from).toBe('math train, by fixed ids');
    expect(samples[0]!.parts.shots.map(({ target }) => target)).toEqual(
      exemplars.map(({ solution }) => solution),
    );
  });
});
