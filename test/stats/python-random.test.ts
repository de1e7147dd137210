import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { PythonRandom } from '../../src/stats/python-random.js';

const file = join(packageRoot, 'test', 'fixtures', 'stats', 'mt19937-vectors.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number[][]> & Record<string, string>;

/** Orders of four as GPQA's generative task draws them, row after row from one stream. */
function shuffles(seed: number, rows: number): number[][] {
  const random = new PythonRandom(seed);
  return Array.from({ length: rows }, () => {
    const order = [0, 1, 2, 3];
    random.shuffle(order);
    return order;
  });
}

describe('PythonRandom draws what CPython draws', () => {
  test.each([0, 42, 1234])('words of seed %i', (seed) => {
    const random = new PythonRandom(seed);
    expect(Array.from({ length: 5 }, () => random.bits(32))).toEqual(vectors[`u32_seed_${seed}`]);
  });

  test.each([
    ['gsm8k_4shot_indices_seed1234_n7473', 7473, 4],
    ['gsm8k_5shot_indices_seed1234_n7473', 7473, 5],
    ['gpqa_main_6of448_seed1234', 448, 6],
    ['gpqa_diamond_6of198_seed1234', 198, 6],
    ['pool_path_4of8_seed1234', 8, 4],
    ['pool_path_6of12_seed1234', 12, 6],
  ])('samples %s', (name, population, count) => {
    const random = new PythonRandom(1234);
    const expected = vectors[name]!;
    expect(expected.map(() => random.sampleIndices(population, count))).toEqual(expected);
  });

  test.each([0, 42])('448 option orders of seed %i', (seed) => {
    const orders = shuffles(seed, 448);
    const expected = vectors[`gpqa_shuffle_seed${seed}`]!;
    expect(orders.slice(0, expected.length)).toEqual(expected);
    const counts = [0, 1, 2, 3].map((letter) => orders.filter((order) => order.indexOf(3) === letter).length);
    expect(counts).toEqual(vectors[`gpqa_main_gold_letter_counts_seed${seed}`]);
    const text = orders.map((order) => order.join('')).join('\n');
    expect(createHash('sha256').update(text).digest('hex')).toBe(
      vectors[`gpqa_main_448_perms_sha256_seed${seed}`],
    );
  });

  test('takes the magnitude of a negative seed and both words of a large one', () => {
    expect(new PythonRandom(-42).bits(32)).toBe(new PythonRandom(42).bits(32));
    expect(new PythonRandom(2 ** 40 + 1).bits(32)).not.toBe(new PythonRandom(1).bits(32));
  });

  test('refuses what has no answer', () => {
    expect(() => new PythonRandom(0.5)).toThrow(RangeError);
    expect(() => new PythonRandom(1).below(0)).toThrow(RangeError);
    expect(() => new PythonRandom(1).sampleIndices(3, 4)).toThrow(RangeError);
  });
});
