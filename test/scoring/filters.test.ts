import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractBoxed } from '../../src/scoring/filters/boxed.js';
import { extractMultiChoice, extractStatedChoice } from '../../src/scoring/filters/choice.js';
import { assembleProgram, testProgram } from '../../src/scoring/filters/code.js';
import { extractFinalAnswer } from '../../src/scoring/filters/final-answer.js';
import { extractGsm8k } from '../../src/scoring/filters/gsm8k.js';
import { matchRegex } from '../../src/scoring/filters/regex.js';
import { PythonRegex } from '../../src/scoring/python-regex.js';
import { pythonStrip } from '../../src/scoring/python-text.js';
import { cutAt } from '../../src/scoring/until.js';

describe('regex', () => {
  it('takes the first group that is not empty, as findall with a tuple', () => {
    expect(matchRegex('x=3 y=', new PythonRegex('x=(a*)(\\d)'), 'first')).toBe('3');
  });
  it('takes the whole match without groups', () => {
    expect(matchRegex('ab12cd345', new PythonRegex('\\d+'), 'last')).toBe('345');
  });
  it('ends on expressions that match nothing', () => {
    expect(matchRegex('abc', new PythonRegex('x*'), 'last')).toBe('');
    expect(matchRegex('abc', new PythonRegex('z'), 'first')).toBeNull();
  });
  it("strips what Python's strip() strips", () => {
    expect(pythonStrip('\x1c\x85 a\uFEFF \u3000')).toBe('a\uFEFF');
  });
});

describe('gsm8k', () => {
  it.each([
    ['first #### counts', '#### 5\n#### 7', '5'],
    ['comma and minus', 'x\n#### -1,250', '-1,250'],
    ['no blank after the marks', '####5', null],
    ['nothing after the marks', '#### ', null],
    ['empty', '', null],
  ])('strict: %s', (_name, text, expected) => {
    expect(extractGsm8k(text, 'strict')).toBe(expected);
  });
  it.each([
    ['a later number wins', 'He pays 12 for 3 bags', '3'],
    ['dots at the end are the last match', 'It is 12...', '12...'],
    ['dots alone', 'It is 12 ...', '...'],
    ['one dollar sign is no number', '7 $', '7'],
    ['none', 'no number', null],
  ])('flexible: %s', (_name, text, expected) => {
    expect(extractGsm8k(text, 'flexible')).toBe(expected);
  });
});

describe('stated choice', () => {
  it.each([
    ['The answer is B. Baghdad', 'B'],
    ['the answer is: (C)', 'C'],
    ['F = 7-3=4 N.\nThe answer is D. 4 N', 'D'],
    ['The answer is A. x\nThe answer is B. y', 'A'],
    ['The answer is Apple', null],
    ['The answer is E. x', null],
    ['The answer is', null],
    ['A. Baghdad', null],
    ['The answer is b. Baghdad', null],
  ])('%j -> %j', (text, expected) => {
    expect(extractStatedChoice(text, 4)).toBe(expected);
  });
  it('knows as many letters as there are options', () => {
    expect(extractStatedChoice('The answer is E. x', 5)).toBe('E');
    expect(extractStatedChoice('The answer is D. x', 3)).toBeNull();
  });
});

describe('multi-choice', () => {
  it('maps the last option text, whatever its regular-expression characters', () => {
    expect(extractMultiChoice('so x+1 (sure), no: y*2', ['x+1', 'y*2', 'a', 'b'])).toBe('(B)');
  });
  it('finds the leftmost option at a place in the order of the options', () => {
    expect(extractMultiChoice('it is 12', ['1', '12', '7', '2'])).toBe('(D)');
    expect(extractMultiChoice('it is 12', ['12', '1', '7', '2'])).toBe('(A)');
  });
  it('ignores case and Unicode punctuation, and takes the later of two equal options', () => {
    expect(extractMultiChoice('an “ALPHA-helix”…', ['alpha helix', 'Alpha–Helix', 'alphahelix!', 'x'])).toBe(
      '(C)',
    );
  });
  it('finds no option text where an option is all punctuation, and then reads the last ": X"', () => {
    expect(extractMultiChoice('weber', ['tesla', 'weber', '--', '?'])).toBeNull();
    expect(extractMultiChoice('weber; answer:\x1cD', ['tesla', 'weber', '--', '?'])).toBe('(D)');
  });
  it('does not know an option again that ends in a blank without its punctuation', () => {
    expect(extractMultiChoice('about 5', ['about 5 %', '6', '7', '8'])).toBeNull();
    expect(extractMultiChoice('about 5 %', ['about 5 %', '6', '7', '8'])).toBe('about 5');
  });
  it('reads letters of options only in the last stage', () => {
    expect(extractMultiChoice('Answer: E', ['p', 'q', 'z'])).toBeNull();
    expect(extractMultiChoice('Answer: C', ['p', 'q', 'z'])).toBe('(C)');
    expect(extractMultiChoice('Answer: D', ['p', 'q', 'z'])).toBeNull();
  });
  it('prefers a bracketed letter', () => {
    expect(extractMultiChoice('(A) or (B), tesla: C', ['tesla', 'weber', 'henry', 'farad'])).toBe('(B)');
  });
});

describe('boxed', () => {
  it.each([
    ['nested braces', 'so \\boxed{\\frac{1}{\\sqrt{2}}}.', '\\frac{1}{\\sqrt{2}}'],
    ['last box', '\\boxed{1} then \\boxed{2}', '2'],
    ['escaped braces', '\\boxed{\\{1,2\\}}', '\\{1,2\\}'],
    ['never closed', 'so \\boxed{1', null],
    ['bare form', '$\\boxed 5$ done', '5'],
    ['fbox', '\\fbox{3}', '3'],
    ['none', '5', null],
    ['empty', '\\boxed{}', ''],
    ['at the end', '\\boxed', null],
  ])('%s', (_name, text, expected) => {
    expect(extractBoxed(text)).toBe(expected);
  });
  it('reads back every balanced content', () => {
    const balanced = fc.letrec<{ group: string }>((tie) => ({
      group: fc
        .array(
          fc.oneof(
            { depthSize: 'small' },
            fc.constantFrom('x', '1', '\\pi', '\\{', '\\}', '\\\\', ' ', '$'),
            tie('group').map((inner) => `{${inner}}`),
          ),
          { maxLength: 4 },
        )
        .map((parts) => parts.join('')),
    })).group;
    fc.assert(
      fc.property(balanced, (content) => {
        expect(extractBoxed(`a \\boxed{${content}} b}`)).toBe(content);
      }),
    );
  });
});

describe('final answer', () => {
  it('needs the sentence on one line', () => {
    expect(extractFinalAnswer('Final Answer: The final answer is $3$. I hope it is correct.')).toBe('$3$');
    expect(extractFinalAnswer('Final Answer: The final answer\n is $3$.')).toBeNull();
    expect(extractFinalAnswer('Final Answer: The final answer is $3$. ')).toBe('$3$');
    // lm-eval puts its closing words behind the text without a blank.
    expect(extractFinalAnswer('Final Answer: The final answer is $3$.')).toBeNull();
  });
});

describe('code', () => {
  const code = { prompt: 'def f():\n', test: 'T', entryPoint: 'f' };
  const fenced = 'Sure:\n```python\n    return 1\n```\nbye\n```\n2\n```';
  it('is prompt and output, character by character', () => {
    const text = '    x = 1\r\n    return x\n\n';
    expect(assembleProgram(code, text, 'concatenate')).toBe(`def f():\n${text}`);
    expect(assembleProgram({ ...code, prompt: 'def f(): return' }, ' 1', 'concatenate')).toBe(
      'def f(): return 1',
    );
  });
  it.each([
    ['    return 1\n```\nThis returns 1.', '    return 1\n'],
    ['    return 1\n', '    return 1\n'],
    ['```python\nx', ''],
  ])('instruct takes what stands before the first fence (%j)', (text, kept) => {
    expect(assembleProgram(code, text, 'instruct')).toBe(code.prompt + kept);
  });
  it.each([
    [fenced, 'return 1\n'],
    ['    return 1\n', 'return 1\n'],
    ['```\n\n  a\n```', 'a\n'],
    ['```python\nreturn 1', '```python\nreturn 1'],
    ['```Python 3\na``` ```\nb\n```', 'b\n'],
    ['```py\r\na\n```\n', '```py\r\na\n```\n'],
  ])('opencompass takes the first whole block or all, without white space in front (%j)', (text, kept) => {
    expect(assembleProgram(code, text, 'opencompass')).toBe(code.prompt + kept);
  });
  it.each([
    'concatenate',
    'instruct',
    'opencompass',
  ] as const)('%s has nothing to run in blank text', (way) => {
    expect(assembleProgram(code, ' \n\t', way)).toBeNull();
  });
  it('is tested by the check of the record', () => {
    expect(testProgram(code, 'def f():\n    return 1')).toBe('def f():\n    return 1\nT\ncheck(f)\n');
  });
});

describe('until', () => {
  it('cuts at every term in turn', () => {
    expect(cutAt('a Question: b </s> c', ['</s>', 'Question:'])).toBe('a ');
    expect(cutAt('abc', ['x'])).toBe('abc');
    expect(cutAt('\nclass', ['\nclass'])).toBe('');
  });
});
