import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { dataDir, folderWith, jsonl, skipped } from '../tasks/data-dir.js';
import { repro } from './run.js';

const gpqa = join(packageRoot, 'test', 'fixtures', 'tasks', 'gpqa_main-invented.csv');
const gsm8k = folderWith({
  'gsm8k/train.jsonl': jsonl(
    Array.from({ length: 6 }, (_, i) => ({ question: `t${i}`, answer: `a\n#### ${i}` })),
  ),
  'gsm8k/test.jsonl': jsonl([{ question: 'How many?', answer: '#### 7' }]),
});
const show = (...args: string[]) => repro(['tasks', 'show', ...args]);

describe('repro tasks list', () => {
  test('names every task with its data, as text and as JSON', async () => {
    const { stdout, code } = await repro(['tasks', 'list']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^gsm8k +lm-eval +1319 +4 +flexible-extract, strict-match +openai\/gsm8k test +gsm8k_local$/m,
    );
    const { tasks } = JSON.parse((await repro(['tasks', 'list', '--json'])).stdout) as {
      tasks: { id: string; profile: string }[];
    };
    const names = new Set(tasks.map(({ id, profile }) => `${id}.${profile}`));
    for (const id of ['arc', 'gpqa', 'gsm8k', 'humaneval', 'math', 'mmlu']) {
      expect(names).toContain(`${id}.lm-eval`);
      expect(names).toContain(`${id}.mini`);
    }
  });
});

describe('repro tasks show', () => {
  test('shows a prompt with its facts, and the same as JSON', async () => {
    const { stdout, stderr, code } = await show('gsm8k', '--data', gsm8k, '--shots', '2');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^sample +0 of 1: gsm8k\/0000-[0-9a-f]{8}$/m);
    expect(stdout).toMatch(
      /\n\nQuestion: t\d\nAnswer: a\n#### \d\n\nQuestion: t\d\n[\s\S]*\n\nQuestion: How many\?\nAnswer:\n$/,
    );
    expect(stderr).toBe('repro: GSM8K has 1 test rows here; the published one has 1319.\n');
    const json = JSON.parse(
      (await show('gsm8k', '--data', gsm8k, '--shots', '2', '--json')).stdout,
    ) as Record<string, unknown>;
    expect(stdout).toContain(String(json.sha256));
    expect(stdout.endsWith(`${json.prompt}\n`)).toBe(true);
    expect(json).toMatchObject({ until: ['Question:', '</s>', '<|im_end|>'], target: '7', tokens: null });
  });

  test('--hash prints the digest alone, of the same sample by any of its names', async () => {
    const { stdout } = await show('gsm8k', '--data', gsm8k, '--hash');
    expect(stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect((await show('gsm8k_local', '--data', gsm8k, '--hash')).stdout).toBe(stdout);
    expect((await show('gsm8k', '--data', gsm8k, '--hash', '--seed', '2')).stdout).not.toBe(stdout);
  });

  test("with a model's folder, the tokens that a run would send", async () => {
    const { stdout } = await show(
      'gsm8k',
      '--data',
      gsm8k,
      '--template',
      'reference',
      '--json',
      '--shots',
      '0',
    );
    const { prompt, tokens } = JSON.parse(stdout) as { prompt: string; tokens: number[] };
    expect(prompt).toMatch(/^<\|startoftext\|><\|start_header_id\|>user/);
    expect(tokens.length).toBeGreaterThan(10);
    const plain = await show(
      'gsm8k',
      '--data',
      gsm8k,
      '--template',
      'reference',
      '--render',
      'plain',
      '--json',
      '--shots',
      '0',
    );
    expect(JSON.parse(plain.stdout)).toMatchObject({
      render: 'plain',
      prompt: 'Question: How many?\nAnswer:',
    });
  });

  test('the digest of a real prompt is the one that the harness gave', async (context) => {
    if (skipped !== false) context.skip(skipped);
    const args = [
      'mmlu/abstract_algebra',
      '--index',
      '1',
      '--data',
      dataDir,
      '--template',
      'chatml',
      '--hash',
    ];
    expect((await show(...args)).stdout).toBe(
      '480aa25f341578c760a96552f01f6949bf908ea7b3535a7804eca6114375cafa\n',
    );
  });

  test('GPQA from a file, its options shuffled', async () => {
    const { stdout, code } = await show('gpqa', '--data', gpqa, '--index', '2');
    expect(code).toBe(0);
    expect(stdout).toContain('examples   5 of gpqa main, drawn with seed 1234: rows 0 11 5 7 8\n');
  });

  test.for([
    [['gsm8'], /^repro: There is no task "gsm8"; .*Did you mean "gsm8k"\?\n$/],
    [[], /^repro: repro tasks show needs a name/],
    [['gsm8k', '--profile', 'lm_eval'], /has no profile "lm_eval"; it has .*Did you mean "lm-eval"\?\n$/],
    [
      ['gsm8k', '--data', gsm8k, '--index', '1'],
      /^repro: --index is 1, but gsm8k has 1 sample here: 0 to 0\.\n$/,
    ],
    [['gsm8k', '--data', gsm8k, '--index', '-1'], /^repro: --index is -1, but it must be a whole number/],
    [
      ['gsm8k', '--data', gsm8k, '--shots', '7'],
      /^repro: gsm8k\.lm-eval shows 7 examples, but the train split has 6 rows here/,
    ],
    [['humaneval', '--data', gsm8k, '--shots', '1'], /^repro: There are no test rows of HumanEval/],
    [
      ['gsm8k', '--data', gsm8k, '--render', 'singleturn'],
      /^repro: --render singleturn needs a chat template; add --template/,
    ],
    [
      ['gsm8k', '--data', gsm8k, '--render', 'fancy'],
      /^repro: --render is "fancy", but it must be one of plain, multiturn, singleturn/,
    ],
    [
      ['gsm8k', '--data', gsm8k, '--template', 'chatmll'],
      /^repro: --template is chatmll, but .*Did you mean "chatml"\?\n$/,
    ],
    [
      ['gsm8k/algebra', '--data', gsm8k],
      /^repro: gsm8k\.lm-eval has no part "algebra" here; it has none\.\n$/,
    ],
    [['gsm8k'], /^repro: There are no test rows of GSM8K: none was pulled; type "repro data pull gsm8k"/],
    [
      ['gsm8k', '--data', '/does/not/exist'],
      /^repro: --data \/does\/not\/exist: there is no such folder or file\.\n$/,
    ],
  ] as const)('%s is one sentence', async ([args, expected]) => {
    const { stdout, stderr, code } = await repro(['tasks', 'show', ...args], { env: { HF_HOME: gsm8k } });
    expect(stderr).toMatch(expected);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});
