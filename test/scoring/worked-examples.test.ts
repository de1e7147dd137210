import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer, type Tokenizer } from '../../src/models/tokenizer.js';
import { packageRoot } from '../../src/paths.js';
import { extractBoxed } from '../../src/scoring/filters/boxed.js';
import { minervaNormal } from '../../src/scoring/metrics/latex-normal.js';
import { score } from '../../src/scoring/score.js';
import { scorerSpec } from '../../src/scoring/spec.js';
import { decodeOutput } from '../../src/tasks/decode-output.js';

/**
 * Invented records run through the harnesses' own filter and metric code (lm-eval, OpenCompass); extractions
 * and scores below are what that code gave.
 */
interface Example {
  benchmark: string;
  // biome-ignore lint/suspicious/noExplicitAny: six record schemas
  record: any;
  model_output_raw: string;
  extracted: Record<string, string | null>;
  // biome-ignore lint/suspicious/noExplicitAny: differs by benchmark
  gold: any;
  score: Record<string, number | string | null>;
}

const examples: Example[] = JSON.parse(
  readFileSync(new URL('../fixtures/scoring/worked-examples.json', import.meta.url), 'utf8'),
);
const of = (benchmark: string) =>
  examples
    .filter((example) => example.benchmark === benchmark)
    .map((example, i) => [`${benchmark} ${i + 1}`, example] as const);

/** One scorer of a harness, with the names of its results in the examples. */
interface Scorer {
  readonly extracted: string;
  readonly score: string;
  readonly until: readonly string[];
  readonly filter: object;
  readonly metric: object;
  /** Null for a record that the harness leaves out; default: the example's gold. */
  readonly target?: (example: Example) => string | null;
}

const letters = { kind: 'exact-match', ignoreCase: true, ignorePunctuation: true };
const number = { kind: 'exact-match', ignoreCase: true, ignore: [',', '\\$', '(?s).*#### ', '\\.$'] };
const gpqaUntil = ['</s>', 'Question:', '<|im_end|>'];
const gsm8kUntil = ['Question:', '</s>', '<|im_end|>'];
const fallback = '[invalid]';
const boxedTarget = ({ record }: Example) => extractBoxed(record.solution);

const scorers: Readonly<Record<string, readonly Scorer[]>> = {
  mmlu: [
    {
      ...{ extracted: 'get_response', score: 'exact_match', until: ['</s>', '\n'] },
      filter: { kind: 'regex', pattern: '^(.*?)(?=\\n|$)', fallback },
      metric: letters,
    },
    {
      ...{ extracted: 'opencompass_first_capital', score: 'opencompass_acc', until: [] },
      filter: { kind: 'first-capital' },
      metric: { kind: 'exact-match' },
    },
  ],
  arc_challenge: [
    {
      ...{ extracted: 'arc_challenge_chat', score: 'arc_challenge_chat', until: ['\n\n', '.'] },
      filter: { kind: 'whole' },
      metric: letters,
      target: ({ gold }) => gold.chat,
    },
    {
      ...{ extracted: 'opencompass_first_option', score: 'opencompass_acc', until: [] },
      filter: { kind: 'first-option' },
      metric: { kind: 'exact-match' },
      target: ({ gold }) => gold.opencompass,
    },
  ],
  gpqa: [
    {
      ...{ extracted: 'strict-match', score: 'strict-match', until: gpqaUntil },
      filter: { kind: 'regex', pattern: '(?<=The answer is )(.*)(?=.)', fallback },
      metric: letters,
    },
    {
      ...{ extracted: 'flexible-extract', score: 'flexible-extract', until: gpqaUntil },
      filter: { kind: 'multi-choice', fallback },
      metric: letters,
    },
  ],
  gsm8k: [
    {
      ...{ extracted: 'strict-match', score: 'strict-match', until: gsm8kUntil },
      filter: { kind: 'gsm8k', mode: 'strict', fallback },
      metric: number,
    },
    {
      ...{ extracted: 'flexible-extract', score: 'flexible-extract', until: gsm8kUntil },
      filter: { kind: 'gsm8k', mode: 'flexible', fallback },
      metric: number,
    },
    {
      ...{ extracted: 'opencompass_last_number', score: 'opencompass', until: [] },
      filter: { kind: 'last-number' },
      metric: { kind: 'number-equal' },
    },
  ],
  math: [
    {
      // The harness asks sympy.
      ...{ extracted: 'minerva_unnormalised', score: 'minerva exact_match (sympy)', until: ['Problem:'] },
      filter: { kind: 'final-answer', fallback: '[invalidanswer]' },
      metric: { kind: 'math-equiv' },
      target: boxedTarget,
    },
    {
      ...{ extracted: 'last_boxed', score: 'boxed equals gold after hendrycks strip_string' },
      until: ['Problem:'],
      filter: { kind: 'boxed' },
      metric: { kind: 'hendrycks-equal' },
      target: boxedTarget,
    },
    {
      ...{ extracted: 'hendrycks_between_dollars', score: 'hendrycks_math exact_match', until: ['Problem:'] },
      filter: { kind: 'between-dollars' },
      metric: { kind: 'hendrycks-equal' },
      target: boxedTarget,
    },
  ],
};

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = (await loadTokenizer(join(packageRoot, 'models', 'reference')))!;
});

/** The raw output as the released code reads it: special tokens are skipped. */
function decoded(raw: string): string {
  const eosId = tokenizer.id('<|endoftext|>')!;
  return decodeOutput('skip-special', tokenizer.encode(raw), tokenizer, { eosId }, []);
}

it('are 18, three a benchmark', () => {
  for (const benchmark of [...Object.keys(scorers), 'humaneval']) expect(of(benchmark)).toHaveLength(3);
  expect(examples).toHaveLength(18);
});

describe.each(Object.entries(scorers))('%s', (benchmark, all) => {
  it('has a scorer for every result of the examples', () => {
    for (const [, example] of of(benchmark)) {
      const extracted = Object.keys(example.extracted).filter((name) => name !== 'minerva_normalised');
      expect(all.map((one) => one.extracted)).toEqual(extracted);
      expect(all.map((one) => one.score)).toEqual(Object.keys(example.score));
    }
  });

  for (const [name, example] of of(benchmark)) {
    it.each(all.map((one) => [one.score, one] as const))(`${name}, %s`, async (_score, one) => {
      const { filter, metric, until, target = ({ gold }) => gold } = one;
      const gold = { target: target(example) ?? '', choices: example.record.choices };
      const scorer = scorerSpec.parse({ name: 'x', filter, metric });
      const result = await score({ until, scorers: [scorer] }, gold, decoded(example.model_output_raw));
      expect(result.extracted).toBe(example.extracted[one.extracted]);
      const expected = example.score[one.score];
      // OpenCompass drops a record with three options.
      if (target(example) === null) expect(expected).toBeNull();
      else expect(result.correct).toBe(expected === 1);
    });
  }
});

describe('math, normalised by minerva_math', () => {
  it.each(of('math'))('%s', (_name, example) => {
    expect(minervaNormal(boxedTarget(example)!)).toBe(example.gold.minerva_normalised);
    expect(minervaNormal(example.extracted.minerva_unnormalised!)).toBe(example.extracted.minerva_normalised);
  });
});
