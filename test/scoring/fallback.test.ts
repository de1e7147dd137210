import { describe, expect, it } from 'vitest';
import { score } from '../../src/scoring/score.js';
import { scorerSpec } from '../../src/scoring/spec.js';

const run = (filter: object, text: string, target: string, ignorePunctuation = false) => {
  const metric = { kind: 'exact-match', ignorePunctuation };
  const scorer = scorerSpec.parse({ name: 'x', filter, metric });
  return score({ until: [], scorers: [scorer] }, { target, choices: ['p', 'q'] }, text);
};

describe('fallback words', () => {
  const opencompassGpqa = { kind: 'regex', pattern: 'The correct answer is \\(([^)]+)\\)', flags: 'i' };

  it.each([
    [{ ...opencompassGpqa, fallback: ' ' }, ' '],
    [{ kind: 'gsm8k', mode: 'strict', fallback: '[invalid]' }, '[invalid]'],
    [{ kind: 'multi-choice', fallback: '[invalid]' }, '[invalid]'],
    [{ kind: 'final-answer', fallback: '[invalidanswer]' }, '[invalidanswer]'],
    [opencompassGpqa, null],
    [{ kind: 'gsm8k', mode: 'flexible' }, null],
    [{ kind: 'multi-choice' }, null],
    [{ kind: 'final-answer' }, null],
  ])('%j gives %j for a text without an answer', async (filter, extracted) => {
    expect(await run(filter, 'no idea', 'B')).toEqual({ extracted, correct: false });
  });

  it('stand aside where something fits', async () => {
    const filter = { ...opencompassGpqa, fallback: ' ' };
    expect(await run(filter, 'the CORRECT answer is (B).', 'B')).toEqual({ extracted: 'B', correct: true });
  });

  it('are judged like answers', async () => {
    const filter = { kind: 'multi-choice', fallback: '(A)' };
    expect(await run(filter, 'no idea', 'A', true)).toEqual({ extracted: '(A)', correct: true });
  });
});
