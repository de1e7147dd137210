import { createHash } from 'node:crypto';

/** Four 32-bit words that depend on every character of a seed. */
function seedWords(seed: string): Uint32Array {
  const digest = createHash('sha256').update(seed).digest();
  return Uint32Array.from({ length: 4 }, (_, i) => digest.readUInt32LE(i * 4));
}

/** 53 random bits of two words as a number in [0, 1), on a grid of 2^-53. */
function toUnit(high: number, low: number): number {
  return ((high >>> 5) * 0x4000000 + (low >>> 6)) / 2 ** 53;
}

function rotl(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/** A stream of random numbers, xoshiro128** (Blackman and Vigna 2018): equal seeds give equal streams everywhere. */
export class Rng {
  readonly #state: Uint32Array;
  #spareNormal: number | undefined;

  constructor(seed: string) {
    this.#state = seedWords(seed);
  }

  /** Uniform over the 32-bit unsigned integers. */
  uint32(): number {
    const s = this.#state;
    const result = Math.imul(rotl(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotl(s[3]!, 11);
    return result;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return toUnit(this.uint32(), this.uint32());
  }

  /** Uniform over 0 .. `n` - 1, without modulo bias. */
  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) throw new RangeError(`no integers below ${n}`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const draw = this.uint32();
      if (draw < limit) return draw % n;
    }
  }

  /** Standard normal (Marsaglia's polar method). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      this.#spareNormal = v * factor;
      return u * factor;
    }
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  }
}

/**
 * Random numbers that are looked up, not drawn: `uniform(a, b, c)` depends on the seed and the three counters
 * only, so that a position's noise is the same whichever rows are computed, and in whatever order.
 * Philox4x32-10 (Salmon et al. 2011).
 */
export class CounterRng {
  readonly #key0: number;
  readonly #key1: number;
  readonly #block = new Uint32Array(4);

  constructor(seed: string) {
    const words = seedWords(seed);
    this.#key0 = words[0]!;
    this.#key1 = words[1]!;
  }

  /** Uniform in [0, 1), from three counters of 32 bits each. */
  uniform(a: number, b: number, c: number): number {
    philox4x32(this.#block, a, b, c, 0, this.#key0, this.#key1);
    return toUnit(this.#block[0]!, this.#block[1]!);
  }
}

let lastSeed: string | undefined;
let lastRng: CounterRng;

/** `new CounterRng(seed).uniform(a, b, c)`, for callers that do not keep the generator. */
export function counterUniform(seed: string, a: number, b: number, c: number): number {
  if (seed !== lastSeed) {
    lastRng = new CounterRng(seed);
    lastSeed = seed;
  }
  return lastRng.uniform(a, b, c);
}

/** Ten Philox rounds on the counter `(c0, c1, c2, c3)` with the key `(k0, k1)`; writes four words to `out`. */
export function philox4x32(
  out: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): void {
  let x0 = c0 >>> 0;
  let x1 = c1 >>> 0;
  let x2 = c2 >>> 0;
  let x3 = c3 >>> 0;
  let key0 = k0;
  let key1 = k1;
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(0xd2511f53, x0);
    const low1 = Math.imul(0xcd9e8d57, x2);
    const high0 = multiplyHigh(0xd2511f53, x0);
    const high1 = multiplyHigh(0xcd9e8d57, x2);
    x0 = (high1 ^ x1 ^ key0) >>> 0;
    x1 = low1 >>> 0;
    x2 = (high0 ^ x3 ^ key1) >>> 0;
    x3 = low0 >>> 0;
    key0 = (key0 + 0x9e3779b9) >>> 0;
    key1 = (key1 + 0xbb67ae85) >>> 0;
  }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
}

/** The upper 32 bits of the product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + (cross >>> 16)) >>> 0;
}
