import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extractFirstOption } from '../../src/scoring/filters/first-option.js';

const examples: { benchmark: string; model_output_raw: string; extracted: Record<string, string> }[] =
  JSON.parse(readFileSync(new URL('../fixtures/scoring/worked-examples.json', import.meta.url), 'utf8'));

describe('first option', () => {
  it.each(
    examples
      .filter(({ benchmark }) => benchmark === 'arc_challenge')
      .map(({ model_output_raw, extracted }) => [model_output_raw, extracted.opencompass_first_option]),
  )('%j -> %s, as OpenCompass', (text, expected) => {
    expect(extractFirstOption(text!)).toBe(expected);
  });

  it.each([
    ['A or B? The answer is (C), surely', 'C'],
    ['The correct answer is: **D** because', 'D'],
    ['The correct answer is\n\\boxed{B} ok', 'B'],
    ['answer: c it is', null],
    ['Answer: C it is', 'C'],
    ['not A, so B', 'B'],
    ['C or D: the answer is **D** here', 'D'],
    ['C or D: The correct answer is **B** here', 'C'],
    ['x C. y A z', 'C'],
    ['A to D. The answer to the question is (B), yes', 'B'],
    ['B. because A is wrong here', 'B'],
    ['A metal spoon', 'A'],
    ['nothing', null],
    ['', null],
  ])('%j -> %s', (text, expected) => {
    expect(extractFirstOption(text)).toBe(expected);
  });
});
