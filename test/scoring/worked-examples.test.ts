import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extractBoxed } from '../../src/scoring/filters/boxed.js';
import { minervaNormal } from '../../src/scoring/metrics/latex-normal.js';
import { scoreAll } from '../../src/scoring/score.js';
import { type Gold, type Scorable, scorerSpec } from '../../src/scoring/spec.js';
import { cutAt } from '../../src/scoring/until.js';

/**
 * Invented records run through the harnesses' own filter and metric code (lm-eval, OpenCompass); extractions
 * and scores below are what that code gave.
 */
interface Example {
  benchmark: string;
  // biome-ignore lint/suspicious/noExplicitAny: six record schemas
  record: any;
  model_output_raw: string;
  after_until?: string;
  after_until_chat?: string;
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

/** The text before the first special token. */
const response = (raw: string) => raw.split('<|')[0]!;

function scorable(until: string[], ...scorers: unknown[]): Scorable {
  const [first, ...rest] = scorers.map((scorer) => scorerSpec.parse(scorer));
  return { until, scorers: [first!, ...rest] };
}

async function results(task: Scorable, gold: Gold, text: string) {
  return Object.fromEntries([...(await scoreAll(task, gold, text))].map(([name, s]) => [name, s]));
}

describe('MMLU, get_response of mmlu_generative and first capital of OpenCompass', () => {
  const task = scorable(
    ['</s>', '\n'],
    {
      name: 'get_response',
      filter: { kind: 'regex', pattern: '^(.*?)(?=\\n|$)' },
      metric: { kind: 'exact-match', ignoreCase: true, ignorePunctuation: true },
    },
    { name: 'capital', filter: { kind: 'first-capital' }, metric: { kind: 'exact-match' } },
  );
  it.each(of('mmlu'))('%s', async (_name, example) => {
    const text = response(example.model_output_raw);
    expect(cutAt(text, task.until)).toBe(example.after_until);
    const { get_response } = await results(task, { target: example.gold }, text);
    expect(get_response!.extracted).toBe(example.extracted.get_response);
    expect(get_response!.correct).toBe(example.score.exact_match === 1);
    // OpenCompass cuts nothing at a newline.
    const { capital } = await results({ ...task, until: [] }, { target: example.gold }, text);
    expect(capital!.extracted).toBe(example.extracted.opencompass_first_capital);
    expect(capital!.correct).toBe(example.score.opencompass_acc === 1);
  });
});

describe('ARC, arc_challenge_chat', () => {
  const task = scorable(['\n\n', '.'], {
    name: 'chat',
    filter: { kind: 'whole' },
    metric: { kind: 'exact-match', ignoreCase: true, ignorePunctuation: true },
  });
  it.each(of('arc_challenge'))('%s', async (_name, example) => {
    const text = response(example.model_output_raw);
    expect(cutAt(text, task.until)).toBe(example.after_until_chat);
    const { chat } = await results(task, { target: example.gold.chat }, text);
    expect(chat!.extracted).toBe(example.extracted.arc_challenge_chat);
    expect(chat!.correct).toBe(example.score.arc_challenge_chat === 1);
  });
});

describe('GPQA, gpqa_main_generative_n_shot', () => {
  const metric = { kind: 'exact-match', ignoreCase: true, ignorePunctuation: true };
  const task = scorable(
    ['</s>', 'Question:', '<|im_end|>'],
    {
      name: 'strict-match',
      filter: { kind: 'regex', pattern: '(?<=The answer is )([^\\n]*)(?=[^\\n])' },
      metric,
    },
    { name: 'flexible-extract', filter: { kind: 'multi-choice' }, metric },
  );
  it.each(of('gpqa'))('%s', async (_name, example) => {
    expect(cutAt(example.model_output_raw, task.until)).toBe(example.after_until);
    const gold = { target: example.gold, choices: example.record.choices };
    const scores = await results(task, gold, example.model_output_raw);
    for (const filter of ['strict-match', 'flexible-extract']) {
      expect(scores[filter]!.extracted ?? '[invalid]').toBe(example.extracted[filter]);
      expect(scores[filter]!.correct).toBe(example.score[filter] === 1);
    }
  });
});

describe('GSM8K, strict-match and flexible-extract', () => {
  const metric = { kind: 'exact-match', ignoreCase: true, ignore: [',', '\\$', '[\\s\\S]*#### ', '\\.$'] };
  const task = scorable(
    ['Question:', '</s>', '<|im_end|>'],
    { name: 'strict-match', filter: { kind: 'gsm8k', mode: 'strict' }, metric },
    { name: 'flexible-extract', filter: { kind: 'gsm8k', mode: 'flexible' }, metric },
  );
  it.each(of('gsm8k'))('%s', async (_name, example) => {
    const text = response(example.model_output_raw);
    expect(cutAt(text, task.until)).toBe(example.after_until);
    const scores = await results(task, { target: example.gold }, text);
    for (const filter of ['strict-match', 'flexible-extract']) {
      expect(scores[filter]!.extracted ?? '[invalid]').toBe(example.extracted[filter]);
      expect(scores[filter]!.correct).toBe(example.score[filter] === 1);
    }
  });
});

describe('MATH, minerva and last box', () => {
  const task = scorable(
    ['Problem:'],
    { name: 'minerva', filter: { kind: 'final-answer' }, metric: { kind: 'math-equal' } },
    { name: 'boxed', filter: { kind: 'boxed' }, metric: { kind: 'math-equal' } },
  );
  it.each(of('math'))('%s', async (_name, example) => {
    expect(cutAt(example.model_output_raw, task.until)).toBe(example.after_until);
    const target = extractBoxed(example.record.solution)!;
    expect(minervaNormal(target)).toBe(example.gold.minerva_normalised);
    const { minerva, boxed } = await results(task, { target }, example.model_output_raw);
    const unnormalised = example.extracted.minerva_unnormalised;
    expect(minerva!.extracted ?? '[invalidanswer]').toBe(unnormalised);
    expect(minervaNormal(minerva!.extracted ?? '[invalidanswer]')).toBe(example.extracted.minerva_normalised);
    expect(minerva!.correct).toBe(example.score['minerva exact_match (sympy)'] === 1);
    expect(boxed!.extracted).toBe(example.extracted.last_boxed);
    expect(boxed!.correct).toBe(example.score['boxed equals gold after hendrycks strip_string'] === 1);
  });
});
