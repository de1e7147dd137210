import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { writeTextCheckpoint } from '../models/text-checkpoint.js';
import { repro } from './run.js';

interface Generated {
  readonly model: string;
  readonly method: string;
  readonly promptIds: number[];
  readonly ids: number[];
  readonly text: string | null;
  readonly nfe: number;
  readonly steps: { step: number; committed: [number, number][] }[];
  readonly rows: { computed: number; full: number };
  readonly timings: { prefillMs: number; denoiseMs: number };
}

const fixtures = join(packageRoot, 'test', 'fixtures', 'conformance');
const tinyModel = join(fixtures, 'models', 'tiny-llada-a');
const vector = JSON.parse(
  readFileSync(join(fixtures, 'public', 'llada_vanilla-tiny-llada-a-01.json'), 'utf8'),
) as {
  params: { gen_length: number; steps: number; block_length: number };
  prompt_ids: number[];
  final_ids: number[];
  nfe: number;
  steps: { step: number; unmasked: [number, number][] }[];
};
const vectorArgs = [
  '--model',
  tinyModel,
  '--prompt-ids',
  vector.prompt_ids.join(','),
  '--gen-length',
  String(vector.params.gen_length),
  '--block-length',
  String(vector.params.block_length),
  '--steps',
  String(vector.params.steps),
];
const folder = mkdtempSync(join(tmpdir(), 'repro-generate-'));
const idsFile = join(folder, 'bad-ids.txt');
writeFileSync(idsFile, '1, 2\n3 4,\n5x 6\n');

async function generate(...args: string[]): Promise<Generated> {
  const { stdout, stderr, code } = await repro(['generate', '--json', ...args]);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return JSON.parse(stdout) as Generated;
}

/** The response that the steps of a report build up. */
function replayed({ promptIds, ids, steps }: Generated): (number | undefined)[] {
  const canvas = new Array<number | undefined>(ids.length).fill(undefined);
  for (const { committed } of steps)
    for (const [position, id] of committed) canvas[position - promptIds.length] = id;
  return canvas;
}

describe('repro generate --json', () => {
  let vanilla: Generated;
  beforeAll(async () => {
    vanilla = await generate(...vectorArgs);
  });

  test('is one object with these keys, in this order', () => {
    expect(Object.keys(vanilla)).toEqual([
      'model',
      'method',
      'promptIds',
      'ids',
      'text',
      'nfe',
      'steps',
      'rows',
      'timings',
    ]);
    expect(vanilla).toMatchObject({ model: 'tiny-llada-a', method: 'vanilla' });
    expect(vanilla.timings.prefillMs).toBeGreaterThan(0);
    expect(vanilla.timings.denoiseMs).toBeGreaterThan(vanilla.timings.prefillMs);
  });

  test('gives the ids and steps of the official sampler', () => {
    expect(vanilla.promptIds).toEqual(vector.prompt_ids);
    expect(vanilla.ids).toEqual(vector.final_ids.slice(vector.prompt_ids.length));
    expect(vanilla.nfe).toBe(vector.nfe);
    expect(vanilla.steps).toEqual(vector.steps.map(({ step, unmasked }) => ({ step, committed: unmasked })));
    expect(replayed(vanilla)).toEqual(vanilla.ids);
  });

  test('counts the rows of full passes as full', () => {
    expect(vanilla.rows.computed).toBe(vanilla.rows.full);
    expect(vanilla.rows.full % (vector.nfe * vector.final_ids.length)).toBe(0);
  });

  test('text is null without a tokenizer', () => {
    expect(vanilla.text).toBeNull();
  });

  test('more steps than tokens list the empty ones', async () => {
    const { steps, nfe } = await generate(...vectorArgs.slice(0, -1), '64');
    expect(nfe).toBe(64);
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 64 }, (_, i) => i));
    expect(steps.filter(({ committed }) => committed.length === 0)).toHaveLength(32);
  });

  test('a cache computes fewer rows, a size set by hand fewer still', async () => {
    const auto = await generate(...vectorArgs, '--method', 'dynamic-dllm');
    const small = await generate(
      ...vectorArgs,
      '--method',
      'dynamic-dllm',
      '--set',
      'method.cache.layerBudget=1',
    );
    expect(auto.rows.computed).toBeLessThan(auto.rows.full);
    expect(small.rows.computed).toBeLessThan(auto.rows.computed);
    expect(replayed(small)).toEqual(small.ids);
  });

  test('noise depends on the seed, and only on it', async () => {
    const noisy = [...vectorArgs, '--temperature', '1'];
    const [a, again, b] = [
      await generate(...noisy, '--seed', '1'),
      await generate(...noisy, '--set', 'generation.seed=1'),
      await generate(...noisy, '--seed', '2'),
    ];
    expect(again.ids).toEqual(a.ids);
    expect(b.ids).not.toEqual(a.ids);
  });
});

describe('a prompt of text', () => {
  const short = ['--gen-length', '32'];
  const question = 'Tom has 3 apples. He buys 4 more. How many apples does Tom have?';

  test('goes through the chat template, from a flag, a file or stdin alike', async () => {
    const flag = await generate('--prompt', question, ...short);
    const path = join(folder, 'question.txt');
    writeFileSync(path, `${question}\n`);
    const file = await generate('--prompt-file', path, ...short);
    const stdin = await repro(['generate', '--json', '--prompt-file', '-', ...short], {
      stdin: `${question}\n`,
    });
    expect(flag.promptIds.length).toBeGreaterThan(question.split(' ').length);
    expect(file.promptIds).toEqual(flag.promptIds);
    expect((JSON.parse(stdin.stdout) as Generated).promptIds).toEqual(flag.promptIds);
    expect(file.ids).toEqual(flag.ids);
  });

  test('answers with text on stdout that has no special token, and a summary on stderr', async () => {
    const { text } = await generate('--prompt', question, ...short);
    const { stdout, stderr, code } = await repro(['generate', '--prompt', question, ...short]);
    expect(code).toBe(0);
    expect(stdout).toBe(`${text}\n`);
    expect(text).not.toMatch(/<\|/);
    expect(stderr).toMatch(
      /^vanilla: 32 passes \(NFE\), 100 % of the rows of full passes, 32 tokens in [\d.]+ s\n$/,
    );
  });
});

describe('a prompt of ids', () => {
  test('comes from a file or stdin as from the flag, separated by commas or white space', async () => {
    const short = ['--model', tinyModel, '--gen-length', '8', '--block-length', '8'];
    const flag = await generate('--prompt-ids', '3, 4,5 6', ...short);
    expect(flag.promptIds).toEqual([3, 4, 5, 6]);
    const path = join(folder, 'ids.txt');
    writeFileSync(path, '\n3 4\n5,\n6\n');
    expect((await generate('--prompt-ids-file', path, ...short)).ids).toEqual(flag.ids);
    const args = ['generate', '--json', '--prompt-ids-file', '-', ...short];
    const stdin = await repro(args, { stdin: '3,4 5\t6' });
    expect((JSON.parse(stdin.stdout) as Generated).promptIds).toEqual(flag.promptIds);
  });

  test('may be 30,000 characters of a command line', async () => {
    const ids = Array.from({ length: 4060 }, (_, i) => 100 + (i % 20)).join(' , ');
    expect(ids.length).toBeGreaterThan(20_000);
    const steps = ['--gen-length', '32', '--block-length', '32', '--steps', '1'];
    const { promptIds } = await generate('--model', tinyModel, '--prompt-ids', ids, ...steps);
    expect(promptIds).toHaveLength(4060);
  });

  test('may have ids without a token: told, and shown as <id>', async () => {
    const args = ['generate', '--model', join(folder, 'wide'), '--gen-length', '8', '--block-length', '8'];
    await writeTextCheckpoint(join(folder, 'wide'), { vocabSize: 8192 });
    const { stdout, stderr, code } = await repro([...args, '--prompt-ids', '7,8000', '--json']);
    expect(code, stderr).toBe(0);
    const { ids, text } = JSON.parse(stdout) as Generated;
    const unknown = ids.filter((id) => id >= 1024);
    for (const id of unknown) expect(text).toContain(`<${id}>`);
    expect(unknown).not.toEqual([]);
    expect(stderr).toContain('repro: the tokenizer has no token for 8000 of the prompt;');
    expect(stderr).toContain(`repro: the tokenizer has no token for ${unknown[0]}`);
  });
});

describe('--trace', () => {
  test('holds prompt, settings and steps from which the ids can be rebuilt', async () => {
    const path = join(folder, 'trace.json');
    const { ids, promptIds } = await generate(...vectorArgs, '--method', 'dynamic-dllm-apd', '--trace', path);
    const trace = JSON.parse(readFileSync(path, 'utf8')) as Generated & {
      schema: number;
      settings: { method: { cache: { policy: string } }; generation: { genLength: number } };
      steps: { layerRows: number[][]; layerBudgets: number[]; layerMeans: number[]; confidence: number[] }[];
    };
    expect(trace).toMatchObject({ schema: 1, model: 'tiny-llada-a', method: 'dynamic-dllm-apd', promptIds });
    expect(trace.settings.method.cache.policy).toBe('dcu');
    expect(trace.settings.generation.genLength).toBe(ids.length);
    expect(replayed({ ...trace, ids })).toEqual(ids);
    const layers = trace.steps[0]!.layerRows.length;
    for (const { layerRows, layerBudgets, layerMeans, confidence, committed } of trace.steps) {
      expect([layerRows.length, layerBudgets.length, layerMeans.length]).toEqual([layers, layers, layers]);
      expect(confidence).toHaveLength(committed.length);
    }
  });

  test.each([
    [join(folder, 'no', 'such', 'folder'), 'there is no such folder.'],
    [folder, 'this is a folder; name a file.'],
  ])('%s is refused before the work', async (path, message) => {
    const { stderr, code } = await repro(['generate', ...vectorArgs, '--trace', path]);
    expect(stderr).toBe(`repro: --trace ${path}: ${message}\n`);
    expect(code).toBe(2);
  });
});

describe('input that cannot be generated from', () => {
  test.each([
    [
      [],
      'there is no prompt: give one of --prompt TEXT, --prompt-file FILE, --prompt-ids 1,2,3 and --prompt-ids-file FILE.',
    ],
    [['--prompt', 'a', '--prompt-ids', '1'], 'there is more than one prompt: give one of'],
    [['--prompt', ' \n'], 'the prompt is empty: --prompt has no text.'],
    [['--prompt-ids', ''], 'the prompt is empty: --prompt-ids has no ids.'],
    [
      ['--prompt-ids', '1,-2'],
      '--prompt-ids: "-2" (id 2) is not a token id; write whole numbers from 0, as in 1,2,3.',
    ],
    [['--prompt-ids', '5,99999'], "prompt id 99999 (token 2) is outside of the model's vocabulary of "],
    [['--prompt-ids', '7,1'], 'prompt id 1 (token 2) is the mask, which stands for a token that is still'],
    [['--prompt-ids-file', idsFile], `--prompt-ids-file ${idsFile}: "5x" (id 5, line 3) is not a token id`],
    [['--prompt-file', 'no-such-file'], '--prompt-file no-such-file: there is no such file.'],
    [['--prompt-file', '.'], '--prompt-file .: cannot be read (EISDIR).'],
    [['--prompt-ids', '1', '--model', 'src'], 'there is no config.json: a model directory holds'],
    [['--prompt-ids', '1', '--model', 'refrence'], 'Did you mean "reference"?'],
    [['--prompt', 'a', '--model', tinyModel], 'tiny-llada-a has no tokenizer.json; use --prompt-ids 1,2,3.'],
    [['--prompt-ids', '1', '--block-length', '48'], 'generation.genLength 128 is not divisible by'],
    [
      ['--prompt-ids', '1', '--steps', '6'],
      'generation.steps 6 is not divisible by the 4 blocks of 32 tokens',
    ],
    [
      ['--prompt-ids', '1', '--steps', 'x'],
      '--steps x: "generation.steps" is "x", but it must be a whole number.',
    ],
    [['--prompt-ids', '1', '--temperature=-1'], '"generation.temperature" is -1, but it must be at least 0.'],
    [['--prompt-ids', '1', '--remasking', 'lowest'], 'it must be one of low-confidence, random.'],
    [
      ['--prompt-ids', '7,2', '--gen-length', '4096'],
      'set generation.genLength (--gen-length) to 510 or less,',
    ],
  ])('%j', async (args, message) => {
    const { stdout, stderr, code } = await repro(['generate', ...args]);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^repro: .*\n$/);
  });
});

test('Ctrl-C ends after the step under way with exit code 130', async () => {
  // So many steps that the signal meets the loop whatever the speed of the machine; with a cache all of them run.
  const steps = ['--gen-length', '256', '--steps', '800000'];
  const args = ['generate', '--method', 'dllm-cache', '--prompt-ids', '7', ...steps];
  const { stdout, stderr, code } = await repro(args, {
    onStart: (child) => setTimeout(() => child.kill('SIGINT'), 4000),
  });
  expect(stdout).toBe('');
  expect(stderr).toBe(
    'repro: stopping after this step; press Ctrl-C again to stop at once.\nrepro: interrupted.\n',
  );
  expect(code).toBe(130);
});
