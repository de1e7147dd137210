import { expect, test } from 'vitest';
import { parseVerdict, worstValidity } from '../../src/report/verdict.js';

test.each([
  ['', { accuracy: '', validity: undefined, speedup: '' }],
  ['worse', { accuracy: 'worse', validity: undefined, speedup: '' }],
  [
    'same within 1 point; speed-up valid',
    { accuracy: 'same within 1 point', validity: 'valid', speedup: 'speed-up valid' },
  ],
  [
    'worse; speed-up not valid: answers are 62 % as long and accuracy is 12.5 points lower',
    {
      accuracy: 'worse',
      validity: 'invalid',
      speedup: 'speed-up not valid: answers are 62 % as long and accuracy is 12.5 points lower',
    },
  ],
  [
    'cannot tell with n = 32 (needs about 5200); speed-up not shown to be valid: accuracy may be 10.7 points lower (needs about n = 390)',
    {
      accuracy: 'cannot tell with n = 32 (needs about 5200)',
      validity: 'unproven',
      speedup: 'speed-up not shown to be valid: accuracy may be 10.7 points lower (needs about n = 390)',
    },
  ],
  ['speed-up valid', { accuracy: '', validity: 'valid', speedup: 'speed-up valid' }],
])('%j', (text, parts) => {
  expect(parseVerdict(text)).toEqual(parts);
});

test('an average is as valid as its worst part', () => {
  expect(worstValidity(['valid', undefined, 'unproven'])).toBe('unproven');
  expect(worstValidity(['invalid', 'unproven'])).toBe('invalid');
  expect(worstValidity([undefined])).toBeUndefined();
});
