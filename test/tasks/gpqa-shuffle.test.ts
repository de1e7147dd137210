import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { cleanGpqaAnswer, shuffleGpqa } from '../../src/tasks/gpqa-shuffle.js';

/** Invented rows in GPQA's shape, run through the harness's own code. */
const pool = JSON.parse(
  readFileSync(join(packageRoot, 'test', 'fixtures', 'tasks', 'gpqa-invented-pool.json'), 'utf8'),
) as (Record<string, string> & { choices: string[] })[];

describe('GPQA options', () => {
  test('stand in the order of the harness, seed 0', () => {
    const rows = pool.map((row) => ({
      correct: row['Correct Answer']!,
      incorrect: [
        row['Incorrect Answer 1']!,
        row['Incorrect Answer 2']!,
        row['Incorrect Answer 3']!,
      ] as const,
    }));
    const shuffled = shuffleGpqa(rows).map(({ choices, answer }) => [choices, `(${'ABCD'[answer]})`]);
    expect(shuffled).toEqual(pool.map(({ choices, answer }) => [choices, answer]));
  });

  test.each([
    [null, ' '],
    ['  x \n', 'x'],
    ['step one [title] step two', 'step one. step two'],
    ['a    b', 'a  b'],
    ['[Co(NH3)6]Cl3', '[Co(NH3)6]Cl3'],
  ])('%j is cleaned to %j', (text, cleaned) => {
    expect(cleanGpqaAnswer(text)).toBe(cleaned);
  });
});
