import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { builtInTemplate } from '../../src/models/chat.js';
import { packageRoot } from '../../src/paths.js';
import { drawShots } from '../../src/tasks/draw-shots.js';
import { type PromptParts, type Rendering, renderPrompt } from '../../src/tasks/messages.js';
import { sha256 } from '../../src/tasks/samples.js';

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
const dataDir = process.env.REPRO_DATA_DIR ?? '';
const skipped = existsSync(dataDir) ? false : 'REPRO_DATA_DIR is not set';

const lines = <T>(text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
const read = (...path: string[]) => readFileSync(join(dataDir, ...path));

const builders: Readonly<Record<string, (doc: number) => PromptParts & { rows?: number[] }>> = {
  gsm8k(doc) {
    const shot = (row: { question: string; answer: string }) => ({
      text: `Question: ${row.question}\nAnswer:`,
      target: row.answer,
    });
    const pool = lines<{ question: string; answer: string }>(read('gsm8k', 'train.jsonl').toString());
    const tests = lines<{ question: string; answer: string }>(read('gsm8k', 'test.jsonl').toString());
    const draw = {
      sampler: 'default',
      count: 4,
      poolSize: pool.length,
      ownSplit: false,
      seed: 1234,
    } as const;
    const rows = drawShots(draw, doc + 1)[doc]!;
    return {
      description: '',
      shots: rows.map((row) => shot(pool[row]!)),
      text: shot(tests[doc]!).text,
      rows,
    };
  },
  'mmlu/abstract_algebra'(doc) {
    const table = (split: string): string[][] =>
      parse(read('mmlu', split, `abstract_algebra_${split}.csv`), { trim: false });
    const shot = ([question, a, b, c, d, letter]: string[]) => ({
      text: `${question!.trim()}\nA. ${a}\nB. ${b}\nC. ${c}\nD. ${d}\nAnswer:`,
      target: letter!,
    });
    const dev = table('dev');
    const draw = { sampler: 'first-n', count: 5, poolSize: dev.length, ownSplit: false, seed: 1234 } as const;
    const rows = drawShots(draw, doc + 1)[doc]!;
    return {
      description: 'The following are multiple choice questions (with answers) about abstract algebra.\n\n',
      shots: rows.map((row) => shot(dev[row]!)),
      text: shot(table('test')[doc]!).text,
      rows,
    };
  },
  minerva_math(doc) {
    const exemplars = JSON.parse(readFileSync(join(fixtures, 'minerva-fewshot.json'), 'utf8')) as {
      problem: string;
      solution: string;
    }[];
    const text = (problem: string) => `Problem:\n${problem}\n\nSolution:`;
    const tests = lines<{ problem: string }>(read('math', 'test.jsonl').toString());
    return {
      description: '',
      shots: exemplars.map(({ problem, solution }) => ({ text: text(problem), target: solution })),
      text: text(tests[doc]!.problem),
    };
  },
  humaneval: (doc) => ({ description: '', shots: [], text: humanEval(doc) }),
  humaneval_instruct: (doc) => ({
    description: '',
    shots: [],
    text:
      'Write a solution to the following problem and make sure that it passes the tests:\n' +
      `\`\`\`python\n${humanEval(doc)}\n\`\`\`\n`,
    genPrefix: `Here is the completed function:\n\`\`\`python\n${humanEval(doc)}\n`,
  }),
};

function humanEval(doc: number): string {
  const text = gunzipSync(read('humaneval', 'HumanEval.jsonl.gz')).toString();
  return lines<{ prompt: string }>(text)[doc]!.prompt;
}

describe('prompts are those of the harness, byte for byte', () => {
  test('there are cases of five tasks', () => {
    const tasks = new Set(cases.map(({ task }) => task.split(' ')[0]!));
    expect([...tasks].sort()).toEqual(Object.keys(builders).sort());
  });

  test.for(cases)('$task $doc $rendering', ({ task, doc, fewshot_rows, rendering, sha256_utf8 }, context) => {
    if (skipped !== false) context.skip(skipped);
    const parts = builders[task.split(' ')[0]!]!(Number(doc));
    if (fewshot_rows !== '') expect(parts.rows?.join(' ')).toBe(fewshot_rows);
    const [name, mode = 'multiturn'] = rendering.split('_');
    const template = builtInTemplate(name === 'chatml' ? 'chatml' : 'llada');
    const how = (name === 'plain' ? 'plain' : mode) as Rendering;
    expect(sha256(renderPrompt(parts, how, template))).toBe(sha256_utf8);
  });
});
