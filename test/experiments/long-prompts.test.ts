import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readManifest } from '../../src/results/manifest.js';
import { type Outcome, repro } from '../cli/run.js';
import { editJson, writeTextCheckpoint } from '../models/text-checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'repro-long-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('prompt and response up to the limit of the model', () => {
  beforeAll(async () => {
    await writeTextCheckpoint(join(folder, 'llada'), { maxSequenceLength: 4096 });
    // Dream's config.json says more than its authors do.
    await writeTextCheckpoint(join(folder, 'dream'), { maxSequenceLength: 131_072 }, 'dream');
  });

  test.each([
    ['llada', 4096],
    ['dream', 2048],
  ])('%s decodes %i tokens, and refuses one more before the model is loaded', async (model, limit) => {
    const response = ['--gen-length', '32', '--block-length', '32', '--steps', '2'];
    const generate = (tokens: number, ...more: string[]) => {
      const args = [
        'generate',
        '--model',
        join(folder, model),
        ...response,
        '--prompt-ids-file',
        '-',
        '--json',
      ];
      return repro([...args, ...more], {
        stdin: Array.from({ length: tokens }, (_, i) => 7 + (i % 900)).join(' '),
      });
    };
    const full = await generate(limit - 32);
    expect({ code: full.code, stderr: full.stderr }).toEqual({ code: 0, stderr: '' });
    expect((JSON.parse(full.stdout) as { ids: number[] }).ids).toHaveLength(32);
    const beyond = await generate(limit - 31);
    expect(beyond).toEqual({
      code: 2,
      stdout: '',
      stderr:
        `repro: a prompt of ${limit - 31} and a response of 32 tokens make ${limit + 1}, more than the ${limit} that the model was made for; ` +
        'take a shorter prompt (a task with fewer examples), set generation.genLength (--gen-length) to 31 or less, ' +
        'or set generation.longCanvas=decode to decode it all the same.\n',
    });
    const allTheSame = await generate(limit - 31, '--long-canvas', 'decode');
    expect(allTheSame.code, allTheSame.stderr).toBe(0);
  });

  test('bench refuses one token more, before it loads the model', async () => {
    const canvas = ['--gen-length', '32', '--prompt-length', String(2048 - 31)];
    const { stderr, code } = await repro(['bench', '--model', join(folder, 'dream'), ...canvas]);
    expect(stderr).toMatch(
      /^repro: a prompt of 2017 and a response of 32 tokens make 2049, more than the 2048 .*\n$/,
    );
    expect(code).toBe(2);
  });
});

describe('a run', () => {
  /** Prompts of ARC have 34 to 37 tokens, those of GPQA 50 to 58. */
  const experiment = `
id: long
limit: 2
methods: [vanilla]
benchmarks: [arc, gpqa]
generation: { genLength: 16, blockLength: 16, steps: 4 }
`;
  beforeAll(async () => {
    writeFileSync(join(folder, 'long.yaml'), experiment);
    await writeTextCheckpoint(join(folder, 'short'), { maxSequenceLength: 60 });
    await writeTextCheckpoint(join(folder, 'tiny'), { maxSequenceLength: 40 });
  });

  const run = (model: string, out: string, ...more: string[]): Promise<Outcome> =>
    repro(['run', 'long.yaml', '--model', model, '--no-timing', '--workers', '1', '--out', out, ...more], {
      cwd: folder,
    });
  const rowsOf = (out: string) =>
    readFileSync(join(folder, out, 'samples.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { benchmark: string; promptTokens: number; error: string | null });

  test('has a failed row for every sample that is too long, which says what to type', async () => {
    const { code, stdout, stderr } = await run('short', 'refused');
    expect(code, stderr).toBe(0);
    const rows = rowsOf('refused');
    expect(rows.filter(({ error }) => error === null).map(({ benchmark }) => benchmark)).toEqual([
      'arc',
      'arc',
    ]);
    for (const { promptTokens, error } of rows.filter(({ benchmark }) => benchmark === 'gpqa')) {
      expect(error).toBe(
        `CANVAS_TOO_LONG: a prompt of ${promptTokens} and a response of 16 tokens make ${promptTokens + 16}, more than the 60 ` +
          `that the model was made for; take a shorter prompt (a task with fewer examples), set generation.genLength ` +
          `(--gen-length) to ${60 - promptTokens} or less, or set generation.longCanvas=decode to decode it all the same`,
      );
    }
    const told =
      /gpqa: 2 of 2 canvases \(up to \d+ tokens\) are longer than the 60 that model short was made for; these samples fail/;
    expect(stderr).toMatch(told);
    expect(stdout).toMatch(told);
    const { longCanvases } = await readManifest(join(folder, 'refused', 'manifest.json'));
    expect(longCanvases).toMatchObject([
      { benchmark: 'gpqa', samples: 2, of: 2, maxSequenceLength: 60, refused: true },
    ]);
  });

  test('decodes them where it is told to, and says that little comes of it', async () => {
    const { code, stderr } = await run('short', 'decoded', '--set', 'generation.longCanvas=decode');
    expect(code, stderr).toBe(0);
    expect(rowsOf('decoded').map(({ error }) => error)).toEqual([null, null, null, null]);
    expect(stderr).toMatch(/gpqa: 2 of 2 canvases .* made for; its answers there mean little/);
  });

  test('of a model without a chat template says what to put where', async () => {
    const dir = join(folder, 'no-template');
    await writeTextCheckpoint(dir);
    await editJson(join(dir, 'tokenizer_config.json'), { chat_template: null, added_tokens_decoder: null });
    const tokenizer = readFileSync(join(dir, 'tokenizer.json'), 'utf8');
    writeFileSync(join(dir, 'tokenizer.json'), tokenizer.replaceAll('_header_id|>', '_other|>'));
    const { code, stderr } = await run('no-template', 'plain', '--limit', '1');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(
      'repro: arc, gpqa: model no-template has no chat template, so prompts go in as they are, as for a base model; for an ' +
        'instruct model put its chat_template.jinja',
    );
  });

  test('is refused at the start where no sample fits, and leaves no folder', async () => {
    const { code, stdout, stderr } = await run('tiny', 'none');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^repro: no sample fits: arc\/vanilla, its shortest sample: a prompt of 3\d and a response of 16 tokens make 5\d, more than the 40 .*\n$/,
    );
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});
