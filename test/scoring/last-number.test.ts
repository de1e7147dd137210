import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { score } from '../../src/scoring/score.js';
import { scorerSpec } from '../../src/scoring/spec.js';

const examples: {
  benchmark: string;
  model_output_raw: string;
  extracted: Record<string, string>;
  gold: string;
  score: Record<string, number>;
}[] = JSON.parse(readFileSync(new URL('../fixtures/scoring/worked-examples.json', import.meta.url), 'utf8'));
const scorer = scorerSpec.parse({
  name: 'opencompass',
  filter: { kind: 'last-number' },
  metric: { kind: 'number-equal' },
});
const run = (text: string, target: string) => score({ until: [], scorers: [scorer] }, { target }, text);

describe('GSM8K of OpenCompass', () => {
  it.each(
    examples.filter(({ benchmark }) => benchmark === 'gsm8k').map((e, i) => [i + 1, e] as const),
  )('worked example %i', async (_number, { model_output_raw, gold, extracted, score: scores }) => {
    expect(await run(model_output_raw.split('<|')[0]!, gold)).toEqual({
      extracted: extracted.opencompass_last_number,
      correct: scores.opencompass === 1,
    });
  });

  it.each([
    ['It is 12.00', '#### 12', '12.00', true],
    ['It is 12.01', '#### 12', '12.01', false],
    ['-5', '#### -5', '-5', true],
    ['12.50', '#### 12.5', '12.50', false],
    ['1250', '#### 1,250', '1250', true],
    ['7\nQuestion: 8', '7', '7', true],
    ['答案是１２', '#### 12', '１２', true],
    ['-\u{663}\u{664}', '#### -34', '-\u{663}\u{664}', true],
    ['\u{1D7D8}\u{1D7E1}', '#### 9', '\u{1D7D8}\u{1D7E1}', true],
    ['²', '#### 2', 'NULL', false],
    ['none', '#### 0', 'NULL', false],
  ])('%j against %j', async (text, target, extracted, correct) => {
    expect(await run(text, target)).toEqual({ extracted, correct });
  });
});
