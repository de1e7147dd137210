import type { ArcRecord } from './arc.js';
import type { GpqaRecord } from './gpqa.js';
import { gpqaOrder } from './gpqa-order.js';
import type { Gsm8kRecord } from './gsm8k.js';
import type { HumanEvalRecord } from './humaneval.js';
import type { MathRecord } from './math.js';
import type { MmluRecord } from './mmlu.js';

/** What the model sees and what it is trained to say, before the chat frame. */
export interface Pair {
  readonly prompt: string;
  readonly response: string;
}

const LETTERS = ['A', 'B', 'C', 'D'] as const;

function withOptions(question: string, options: readonly string[]): string {
  return `${question}\n${options.map((text, i) => `${LETTERS[i]}. ${text}`).join('\n')}`;
}

/**
 * The response goes through the options in order with a verdict on each, then names the right one. Naming the letter
 * of an option at once takes a match of its words against the whole table, which a model of this size does not learn
 * in an hour; copying the table and judging each line it learns at once.
 */
function choice(options: readonly string[], right: number, judged: readonly string[] = options): string {
  const verdicts = judged.map((text, i) => `${LETTERS[i]}. ${text} ${i === right ? 'yes' : 'no'}\n`);
  return `${verdicts.join('')}The answer is ${LETTERS[right]}. ${options[right]}`;
}

/** The mini profile's zero-shot templates; the same strings stand in `tasks/*.yaml`. */
export const TEMPLATES = {
  gsm8k: (record: Gsm8kRecord): Pair => ({ prompt: record.question, response: record.answer }),
  math: (record: MathRecord): Pair => ({ prompt: record.problem, response: record.solution }),
  mmlu: (record: MmluRecord): Pair => ({
    prompt: withOptions(record.question, record.choices),
    response: choice(record.choices, record.answer),
  }),
  arc: (record: ArcRecord): Pair => ({
    prompt: withOptions(record.question, record.choices.text),
    response: choice(record.choices.text, record.choices.label.indexOf(record.answerKey)),
  }),
  gpqa: (record: GpqaRecord): Pair => {
    const order = gpqaOrder(record['Record ID']);
    const all = [
      record['Correct Answer'],
      record['Incorrect Answer 1'],
      record['Incorrect Answer 2'],
      record['Incorrect Answer 3'],
    ];
    const shown = order.map((index) => all[index] as string);
    // The derived value stands beside each option's, so that the two to compare are neighbours.
    const value = (text: string): string => text.split(' ')[0] as string;
    const judged = shown.map((text) => `${value(text)}=${value(record['Correct Answer'])}?`);
    return {
      prompt: withOptions(record.Question, shown),
      response: `${record.Explanation}\n${choice(shown, order.indexOf(0), judged)}`,
    };
  },
  humaneval: (record: HumanEvalRecord): Pair => ({
    prompt: record.prompt,
    response: record.canonical_solution,
  }),
} as const;
