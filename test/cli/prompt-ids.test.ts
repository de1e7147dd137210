import { describe, expect, test } from 'vitest';
import { parsePromptIds } from '../../src/cli/prompt-ids.js';

describe('ids that are written out', () => {
  test.each([
    ['1,2,3', [1, 2, 3]],
    [' 1 , 2\t3\n', [1, 2, 3]],
    ['\r\n1\r\n2,\r\n\r\n3', [1, 2, 3]],
    ['000012', [12]],
  ])('%j', (text, ids) => {
    expect(parsePromptIds(text, '--prompt-ids')).toEqual(ids);
  });

  test.each([
    ['', 'the prompt is empty: FLAG has no ids.'],
    [' \n', 'the prompt is empty: FLAG has no ids.'],
    ['1,-2', 'FLAG: "-2" (id 2) is not a token id; write whole numbers from 0, as in 1,2,3.'],
    ['1,,2', 'FLAG: "" (id 2)'],
    ['1, 2,', 'FLAG: "" (id 3)'],
    ['1.5', 'FLAG: "1.5" (id 1)'],
    ['7,0x1f', 'FLAG: "0x1f" (id 2)'],
    ['[1,2]', 'FLAG: "[1" (id 1)'],
    ['1234567890', 'FLAG: "1234567890" (id 1)'],
    ['\n1 2\n3 4,\n5x 6', 'FLAG: "5x" (id 5, line 4)'],
    ['a'.repeat(90), `FLAG: "${'a'.repeat(40)}..." (id 1)`],
  ])('%j is refused with its place', (text, message) => {
    expect(() => parsePromptIds(text, 'FLAG')).toThrow(message);
  });
});
