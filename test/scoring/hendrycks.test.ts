import { describe, expect, it } from 'vitest';
import { extractBetweenDollars } from '../../src/scoring/filters/between-dollars.js';
import { extractBoxedOrSentence } from '../../src/scoring/filters/boxed-or-sentence.js';
import { hendrycksEqual } from '../../src/scoring/metrics/hendrycks-equal.js';

// Expected values were got by running the rules of the harnesses in Python; 20,000 random answers agree as well.
describe('hendrycks-equal', () => {
  it.each([
    ['\\frac38', '\\frac{3}{8}', true],
    ['\\dfrac12', '0.5', true],
    ['1/2', '\\tfrac{1}{2}', true],
    ['02/4', '\\frac{2}{4}', false],
    ['x = \\sqrt3', '\\sqrt{3}', true],
    ['xy = \\sqrt3', '\\sqrt{3}', false],
    ['x=\\sqrt3', '\\sqrt{3}', true],
    ['\\left(1,\\ 2\\right)', '(1,2)', false],
    ['\\left(1, 2\\right)', '(1,2)', true],
    ['90^\\circ', '90', true],
    ['\\$5', '5', true],
    ['50\\%', '50', true],
    ['.5', '0.5', true],
    ['5 \\text{ cm}', '5', true],
    ['16.', '16', false],
    ['', '', true],
    // The original breaks off for one of the two: they are compared as they are.
    ['x/2', 'x/2', true],
    ['x/ 2', 'x/2', false],
    ['\\left(x/2\\right)', '(x/2)', false],
    ['2\\sqrt', '2\\sqrt', true],
    ['1\\text{ a}\\text{ b}', '1', false],
    // One character after \frac leaves the text as it was.
    ['\\frac1', '\\frac{1}', false],
  ])('%j and %j: %s', (answer, target, expected) => {
    expect(hendrycksEqual(answer, target)).toBe(expected);
    expect(hendrycksEqual(target, answer)).toBe(expected);
  });
});

describe('between-dollars', () => {
  it.each([
    ['so $x=1$ and $y=2$.', 'x=1$ and $y=2'],
    ['it is $5', 'it is $5'],
    ['it is 5', 'it is 5'],
    ['$$5$$', '$5$'],
    ['$ $', ' '],
    ['$$', ''],
  ])('%j -> %j', (text, expected) => {
    expect(extractBetweenDollars(text)).toBe(expected);
  });
});

describe('boxed-or-sentence', () => {
  it.each([
    ['first \\boxed{1}, then \\boxed{\\frac{1}{2}}.', '\\frac{1}{2}'],
    ['\\boxed{{5}}', '5'],
    ['\\boxed{}. The answer is 7', 'Theansweris7'],
    ['\\boxed 5. The Answer is $7$. Or 8.', '7'],
    ['\\boxed{5', '\\boxed{5'],
    ['\\fbox{3}. No. Final Answer: $12$', '12'],
    ['We see. The final answer is $\\frac12$.', '\\frac{1}{2}'],
    ['The answer is 3.14', 'Theansweris3'],
    ['There are 12 ways. So 12.', 'Thereare12'],
    ['final answer is 1,250', '1250'],
    ['Final answer is 1,250', 'Finalansweris1,250'],
    ['', ''],
  ])('%j -> %j', (text, expected) => {
    expect(extractBoxedOrSentence(text)).toBe(expected);
  });
});
