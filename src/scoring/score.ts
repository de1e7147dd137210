import type { PythonRunner } from '../sandbox/types.js';
import { extractBetweenDollars } from './filters/between-dollars.js';
import { extractBoxed } from './filters/boxed.js';
import { extractBoxedOrSentence } from './filters/boxed-or-sentence.js';
import { extractFirstCapital, extractMultiChoice, extractStatedChoice } from './filters/choice.js';
import { assembleProgram, type CodeFrame, testProgram } from './filters/code.js';
import { extractFinalAnswer } from './filters/final-answer.js';
import { extractFirstOption } from './filters/first-option.js';
import { extractGsm8k } from './filters/gsm8k.js';
import { extractLastNumber } from './filters/last-number.js';
import { matchRegex } from './filters/regex.js';
import { sanitise } from './filters/sanitise.js';
import { exactMatch } from './metrics/exact-match.js';
import { hendrycksEqual } from './metrics/hendrycks-equal.js';
import { mathEquiv } from './metrics/math-equiv.js';
import { numberEqual } from './metrics/number-equal.js';
import { pythonRegex } from './python-regex.js';
import { pythonStrip } from './python-text.js';
import type { FilterSpec, Gold, MetricSpec, Scorable, ScorerSpec } from './spec.js';
import { cutAt } from './until.js';

/** The score of one response. */
export interface Score {
  /** What was read out of the text, or null when nothing fits (then wrong). */
  readonly extracted: string | null;
  readonly correct: boolean;
  /** Why nothing can be said about the answer: the sandbox did not work. A wrong answer is no error. */
  readonly error?: string;
  /** For a program that did not pass: how it ended ("failed: AssertionError", "timeout: ..."). */
  readonly detail?: string;
}

/**
 * Scores a response by the task's first scorer.
 *
 * @param text the decoded response (`tasks/decode-output.ts`); stop strings that still stand in it cut it
 * @param python runs the program of a code task; other tasks do without
 */
export async function score(task: Scorable, gold: Gold, text: string, python?: PythonRunner): Promise<Score> {
  return scoreBy(task.scorers[0], gold, { raw: text, kept: cutAt(text, task.until) }, python);
}

/** Scores a response by every scorer of the task, by name. */
export async function scoreAll(
  task: Scorable,
  gold: Gold,
  text: string,
  python?: PythonRunner,
): Promise<Map<string, Score>> {
  const response = { raw: text, kept: cutAt(text, task.until) };
  const scores = new Map<string, Score>();
  for (const scorer of task.scorers) scores.set(scorer.name, await scoreBy(scorer, gold, response, python));
  return scores;
}

interface Response {
  /** As the model gave it. */
  readonly raw: string;
  /** Cut at the task's stop strings. */
  readonly kept: string;
}

async function scoreBy(
  { filter, metric }: ScorerSpec,
  gold: Gold,
  { raw, kept }: Response,
  python: PythonRunner | undefined,
): Promise<Score> {
  let extracted: string | null;
  if (filter.kind === 'code' && filter.assemble === 'sanitise') {
    const value = await sanitise(codeOf(gold), raw, needed(python));
    if (value.kind === 'sandbox-error') return { extracted: null, correct: false, error: value.detail };
    if (value.kind !== 'value') {
      return { extracted: null, correct: false, detail: `${value.kind} in the sanitiser: ${value.detail}` };
    }
    extracted = value.text === '' ? null : value.text;
  } else extracted = extract(filter, gold, kept);
  if (extracted === null && 'fallback' in filter) extracted = filter.fallback;
  if (extracted === null) return { extracted, correct: false };
  return { extracted, ...(await judge(metric, gold, extracted, python)) };
}

/** What is read out of a text by the filters that need no Python. */
function extract(filter: FilterSpec, gold: Gold, text: string): string | null {
  switch (filter.kind) {
    case 'regex':
      return matchRegex(text, pythonRegex(filter.pattern, filter.flags), filter.select);
    case 'gsm8k':
      return extractGsm8k(text, filter.mode);
    case 'last-number':
      return extractLastNumber(text);
    case 'choice-stated':
      return extractStatedChoice(text, gold.choices?.length ?? 4);
    case 'first-capital':
      return extractFirstCapital(text);
    case 'first-option':
      return extractFirstOption(text);
    case 'multi-choice':
      return extractMultiChoice(text, gold.choices ?? []);
    case 'boxed':
      return extractBoxed(text);
    case 'boxed-or-sentence':
      return extractBoxedOrSentence(text);
    case 'between-dollars':
      return extractBetweenDollars(text);
    case 'final-answer':
      return extractFinalAnswer(text);
    case 'code':
      if (filter.assemble === 'sanitise') throw new Error('The sanitiser needs Python.');
      return assembleProgram(codeOf(gold), text, filter.assemble);
    case 'whole':
      return pythonStrip(text);
  }
}

async function judge(
  metric: MetricSpec,
  gold: Gold,
  extracted: string,
  python: PythonRunner | undefined,
): Promise<Omit<Score, 'extracted'>> {
  switch (metric.kind) {
    case 'exact-match':
      return { correct: exactMatch(extracted, gold.target, metric) };
    case 'number-equal':
      return { correct: numberEqual(extracted, gold.target) };
    case 'hendrycks-equal':
      return { correct: hendrycksEqual(extracted, gold.target) };
    case 'math-equiv':
      return { correct: mathEquiv(extracted, gold.target) };
    case 'tests-pass': {
      const verdict = await needed(python).run(testProgram(codeOf(gold), extracted));
      if (verdict.kind === 'passed') return { correct: true };
      if (verdict.kind === 'sandbox-error') return { correct: false, error: verdict.detail };
      return { correct: false, detail: `${verdict.kind}: ${verdict.detail}` };
    }
  }
}

function codeOf({ code }: Gold): CodeFrame {
  if (code === undefined) throw new Error('Scoring of programs needs a sample with code.');
  return code;
}

function needed(python: PythonRunner | undefined): PythonRunner {
  if (python === undefined) throw new Error('Scoring of programs needs a Python runner.');
  return python;
}
