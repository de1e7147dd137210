import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { builtInTemplate } from '../../src/models/chat.js';
import { packageRoot } from '../../src/paths.js';
import { findTask } from '../../src/tasks/library.js';
import { type Rendering, renderPrompt } from '../../src/tasks/messages.js';
import { type Sample, sha256 } from '../../src/tasks/samples.js';
import { dataDir, folderWith, jsonl, skipped } from './data-dir.js';

/** SHA-256 of whole prompts that the harness itself built from the data (shared fixtures). */
interface Case {
  readonly task: string;
  readonly doc: string;
  readonly fewshot_rows: string;
  readonly rendering: string;
  readonly sha256_utf8: string;
}

const fixtures = join(packageRoot, 'test', 'fixtures', 'tasks');
const cases: Case[] = parse(readFileSync(join(fixtures, 'prompt-hashes.csv')), { columns: true });

/** `plain`, `llada`, `chatml_singleturn`: how a fixture renders a prompt. */
function digestOf({ parts }: Sample, rendering: string): string {
  const [name, mode = 'multiturn'] = rendering.split('_');
  const how = name === 'plain' ? 'plain' : mode === 'user' ? 'multiturn' : (mode as Rendering);
  return sha256(renderPrompt(parts, how, builtInTemplate(name === 'chatml' ? 'chatml' : 'llada')));
}

describe('prompts from the real data are those of the harness, byte for byte', () => {
  const exemplars = folderWith({});
  copyFileSync(join(fixtures, 'minerva-fewshot.json'), join(exemplars, 'minerva-fewshot.json'));

  test('there are cases of five tasks', () => {
    expect(new Set(cases.map(({ task }) => task.split(' ')[0]!)).size).toBe(5);
  });

  test.for(cases)('$task $doc $rendering', async (one, context) => {
    if (skipped !== false) context.skip(skipped);
    const name = one.task.split(' ')[0]!;
    const path = name === 'minerva_math' ? withMath(exemplars) : dataDir;
    const samples = await findTask(name, { source: { path, named: '--data' } }).samples();
    const sample = samples[Number(one.doc)]!;
    if (one.fewshot_rows !== '') expect(sample.shotRows?.join(' ')).toBe(one.fewshot_rows);
    expect(digestOf(sample, one.rendering)).toBe(one.sha256_utf8);
  });
});

/** The exemplars are no part of the data folder: they lie beside a copy of the problems. */
function withMath(folder: string): string {
  copyFileSync(join(dataDir, 'math', 'test.jsonl'), join(folder, 'test.jsonl'));
  return folder;
}

interface Worked {
  readonly benchmark: string;
  readonly record: Record<string, unknown>;
  readonly fewshot?: readonly { question: string; choices: string[]; answer: number }[];
  readonly fewshot_rows?: readonly number[];
  readonly fewshot_used?: readonly number[];
  readonly sha256: Readonly<Record<string, string | null>>;
}

const worked = JSON.parse(readFileSync(join(fixtures, 'worked-prompts.json'), 'utf8')) as Worked[];
const of = (benchmark: string) => worked.filter((one) => one.benchmark === benchmark);

describe('prompts of the worked examples', () => {
  const exact = async (
    task: string,
    path: string,
    profile: string | undefined,
    keys: Record<string, string>,
  ) => {
    const examples = of(task.split(':')[0]!);
    const samples = await findTask(task.split(':')[1]!, {
      profile,
      source: { path, named: '--data' },
    }).samples();
    for (const [index, example] of examples.entries()) {
      const used = example.fewshot_used ?? example.fewshot_rows;
      const sample = samples[index]!;
      if (used !== undefined) expect(sample.shotRows).toEqual(used);
      for (const [key, rendering] of Object.entries(keys)) {
        if (example.sha256[key] === null) continue;
        expect(digestOf(sample, rendering), `${task} ${index} ${key}`).toBe(example.sha256[key]);
      }
    }
    return samples;
  };
  const usual = { plain: 'plain', llada_multiturn: 'llada_multiturn', chatml_multiturn: 'chatml_multiturn' };

  test('MMLU', async () => {
    const [first] = of('mmlu');
    const dev = first!.fewshot!.map((row) => ({ ...row, subject: 'global_facts' }));
    const path = folderWith({
      'mmlu/dev.jsonl': jsonl(dev),
      'mmlu/test.jsonl': jsonl(of('mmlu').map(({ record }) => record)),
    });
    await exact('mmlu:mmlu', path, undefined, usual);
  });

  test('GSM8K, with an invented training split', async () => {
    const pool = JSON.parse(readFileSync(join(fixtures, 'gsm8k-invented-train.json'), 'utf8')) as unknown[];
    const path = folderWith({
      'gsm8k/train.jsonl': jsonl(pool),
      'gsm8k/test.jsonl': jsonl(of('gsm8k').map(({ record }) => record)),
    });
    await exact('gsm8k:gsm8k', path, undefined, usual);
  });

  test('GPQA, with an invented file', async () => {
    const path = join(fixtures, 'gpqa_main-invented.csv');
    await exact('gpqa:gpqa', path, undefined, usual);
  });

  test('MATH, with the examples beside the data', async () => {
    const path = folderWith({
      'math/test.jsonl': jsonl(
        of('math').map(({ record }) => ({ type: 'Algebra', level: 'Level 1', ...record })),
      ),
      'math/minerva-fewshot.json': readFileSync(join(fixtures, 'minerva-fewshot.json')),
    });
    await exact('math:math', path, undefined, { plain: 'plain', llada_multiturn: 'llada_multiturn' });
  });

  test('HumanEval', async () => {
    const [example] = of('humaneval');
    const path = folderWith({ 'humaneval/HumanEval.jsonl': jsonl([example!.record]) });
    const samples = await findTask('humaneval', { source: { path, named: '--data' } }).samples();
    expect(digestOf(samples[0]!, 'plain')).toBe(example!.sha256.plain);
    expect(digestOf(samples[0]!, 'llada_user_turn')).toBe(example!.sha256.llada_user_turn);
  });

  test('ARC: in the words of lm-eval, and of OpenCompass where there are four options', async () => {
    const rows = jsonl(of('arc_challenge').map(({ record }) => record));
    const path = folderWith({ 'arc/test.jsonl': rows, 'arc/validation.jsonl': rows });
    await exact('arc_challenge:arc', path, 'lm-eval', { arc_challenge_chat_llada: 'llada_multiturn' });
    const four = await exact('arc_challenge:arc', path, 'opencompass-llada', {
      opencompass_llada: 'llada_multiturn',
      opencompass_user: 'plain',
    });
    expect(four).toHaveLength(2);
  });
});
