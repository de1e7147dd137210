import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hendrycksNormal, minervaNormal } from '../../src/scoring/metrics/latex-normal.js';
import { latexValue } from '../../src/scoring/metrics/latex-value.js';
import { mathEquiv } from '../../src/scoring/metrics/math-equiv.js';

describe('normalisers', () => {
  it.each([
    ['x = 5', '5'],
    ['$\\frac38$', '\\frac{3}{8}'],
    ['1,234', '1234'],
    ['12 \\text{ inches}', '12'],
    ['\\text{Evelyn}', 'Evelyn'],
    ['90^\\circ', '90'],
    ['\\sqrt2', '\\sqrt{2}'],
    ['10\\%', '10\\%'],
  ])('minerva %j -> %j', (answer, expected) => {
    expect(minervaNormal(answer)).toBe(expected);
  });
  it.each([
    ['\\dfrac12', '\\frac{1}{2}'],
    ['\\frac1{72}', '\\frac{1}{72}'],
    ['3/4', '\\frac{3}{4}'],
    ['03/4', '03/4'],
    ['0.5', '\\frac{1}{2}'],
    ['.5', '\\frac{1}{2}'],
    ['k=7', '7'],
    ['\\left(1, 2\\right)', '(1,2)'],
    ['50\\%', '50'],
    ['5 \\text{ cm}', '5'],
    ['\\sqrt3', '\\sqrt{3}'],
    ['', ''],
  ])('hendrycks %j -> %j', (answer, expected) => {
    expect(hendrycksNormal(answer)).toBe(expected);
  });
});

describe('value', () => {
  it.each([
    ['\\frac{1}{2}', 0.5],
    ['2\\sqrt{9}', 6],
    ['-3^2', -9],
    ['\\sqrt[3]{27}', 3],
    ['1,250', 1250],
    ['2\\pi', 2 * Math.PI],
    ['(1+2)(3)', 9],
    ['1.5\\times10^{3}', 1500],
    ['7/2', 3.5],
  ])('%j', (text, expected) => {
    expect(latexValue(text)).toBeCloseTo(expected, 12);
  });
  it.each([
    '',
    'x',
    '1+',
    '\\frac{1}{0}',
    '(1',
    '1)',
    '\\frac',
    '1,2',
    '{',
    '\\sqrt',
    'Infinity',
    '('.repeat(150),
  ])('none for %j', (text) => {
    expect(latexValue(text)).toBeNull();
  });
  it('never throws', () => {
    const piece = fc.constantFrom(
      '\\frac',
      '\\sqrt',
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      '^',
      '-',
      '+',
      '*',
      '1',
      '.',
      ',',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const value = latexValue(pieces.join(''));
        expect(value === null || Number.isFinite(value)).toBe(true);
      }),
    );
  });
});

describe('mathEquiv', () => {
  it.each([
    ['5', '5.0'],
    ['\\frac{2}{4}', '0.5'],
    ['\\dfrac{3}{8}', '\\frac38'],
    ['(1, \\frac{1}{2})', '(1,0.5)'],
    ['[2,5)', '[2, 5)'],
    ['\\{1,2\\}', '\\{1, 2\\}'],
    ['1,250', '1250'],
    ['x=4', '4'],
  ])('%j equals %j', (a, b) => {
    expect(mathEquiv(a, b)).toBe(true);
    expect(mathEquiv(b, a)).toBe(true);
  });
  it.each([
    ['5', '6'],
    ['5', '-5'],
    ['[2,5)', '(2,5)'],
    ['(1,2)', '(2,1)'],
    ['(1,2)', '(1,2,3)'],
    ['x', 'y'],
    ['', '0'],
    ['meters', ''],
    ['1234', '1,2,3,4'],
    ['\\frac{1}{3}', '0.333'],
  ])('%j differs from %j', (a, b) => {
    expect(mathEquiv(a, b)).toBe(false);
    expect(mathEquiv(b, a)).toBe(false);
  });
});
