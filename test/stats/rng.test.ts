import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CounterRng, counterUniform, philox4x32, Rng } from '../../src/stats/rng.js';

/** Philox in BigInt arithmetic, from the paper's definition. */
function philoxOracle(counter: number[], key: number[]): number[] {
  let [x0, x1, x2, x3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  const mask = 0xffffffffn;
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * x0;
    const p1 = 0xcd9e8d57n * x2;
    [x0, x1, x2, x3] = [(p1 >> 32n) ^ x1 ^ k0, p1 & mask, (p0 >> 32n) ^ x3 ^ k1, p0 & mask];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [x0, x1, x2, x3].map(Number);
}

function philox(counter: number[], key: number[]): number[] {
  const out = new Uint32Array(4);
  philox4x32(out, counter[0]!, counter[1]!, counter[2]!, counter[3]!, key[0]!, key[1]!);
  return [...out];
}

describe('Philox4x32-10', () => {
  test('the known-answer vectors of Random123', () => {
    const hex = (words: number[]): string => words.map((w) => w.toString(16).padStart(8, '0')).join(' ');
    expect(hex(philox([0, 0, 0, 0], [0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
    const ones = 0xffffffff;
    expect(hex(philox([ones, ones, ones, ones], [ones, ones]))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
    expect(hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe(
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    );
  });

  test('equals exact arithmetic for any counter and key', () => {
    const word = fc.nat(0xffffffff);
    const counters = fc.tuple(word, word, word, word);
    fc.assert(
      fc.property(counters, fc.tuple(word, word), (c, k) => {
        expect(philox(c, k)).toEqual(philoxOracle(c, k));
      }),
    );
  });
});

describe('counterUniform', () => {
  test('depends on the seed and each counter, not on the order of the calls', () => {
    const value = counterUniform('run', 1, 2, 3);
    const others = [
      counterUniform('run2', 1, 2, 3),
      counterUniform('run', 2, 2, 3),
      counterUniform('run', 1, 1, 3),
      counterUniform('run', 1, 2, 4),
    ];
    expect(new Set([value, ...others]).size).toBe(5);
    expect(counterUniform('run', 1, 2, 3)).toBe(value);
    expect(new CounterRng('run').uniform(1, 2, 3)).toBe(value);
  });

  test('neighbouring counters are uniform and uncorrelated', () => {
    const rng = new CounterRng('quality');
    const n = 20_000;
    const draws = Array.from({ length: n }, (_, i) => rng.uniform(7, i, 0));
    const bins = new Array<number>(16).fill(0);
    for (const u of draws) bins[Math.floor(u * 16)]! += 1;
    const chiSquare = bins.reduce((sum, count) => sum + (count - n / 16) ** 2 / (n / 16), 0);
    // 99.9 % point of chi-square with 15 degrees of freedom.
    expect(chiSquare).toBeLessThan(37.7);
    const lag = draws.slice(1).reduce((sum, u, i) => sum + (u - 0.5) * (draws[i]! - 0.5), 0) / (n / 12);
    expect(Math.abs(lag)).toBeLessThan(3.3 / Math.sqrt(n));
  });
});

describe('Rng', () => {
  test('a seed fixes the stream: golden values', () => {
    const rng = new Rng('golden');
    expect([rng.uint32(), rng.uint32(), rng.uint32()]).toMatchInlineSnapshot(`
      [
        2577225142,
        185732501,
        807188805,
      ]
    `);
    expect(new Rng('golden').uint32()).not.toBe(new Rng('golden ').uint32());
  });

  test('uniform, below and normal have their moments', () => {
    const rng = new Rng('moments');
    const n = 20_000;
    const mean = (draw: () => number): number => Array.from({ length: n }, draw).reduce((a, b) => a + b) / n;
    expect(mean(() => rng.uniform())).toBeCloseTo(0.5, 1.8);
    expect(mean(() => rng.below(7))).toBeCloseTo(3, 1);
    expect(mean(() => rng.normal())).toBeCloseTo(0, 1.3);
    expect(mean(() => rng.normal() ** 2)).toBeCloseTo(1, 1);
    expect(mean(() => rng.normal() ** 4)).toBeGreaterThan(2.7);
  });

  test('below stays below and refuses what it cannot do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.string(), (n, seed) => {
        const draw = new Rng(seed).below(n);
        expect(Number.isInteger(draw) && draw >= 0 && draw < n).toBe(true);
      }),
    );
    expect(() => new Rng('x').below(0)).toThrow(RangeError);
  });

  test('shuffle permutes, all orders about equally often', () => {
    const rng = new Rng('shuffle');
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = rng.shuffle(['a', 'b', 'c']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(110);
  });
});
