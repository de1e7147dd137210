const size = 624;
const period = 397;

/**
 * CPython's `random.Random(seed)` for a whole-number seed: MT19937 with `init_by_array`, and the choices that `random`
 * derives from it. The harnesses draw few-shot examples and option orders with it, so that the same prompts need
 * the same draws. Vectors: `test/fixtures/stats/mt19937-vectors.json`, computed by CPython.
 */
export class PythonRandom {
  readonly #state = new Uint32Array(size);
  #next = size;

  /** @throws RangeError for a seed that is not a safe whole number */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`The seed ${seed} is not a whole number.`);
    const magnitude = BigInt(Math.abs(seed));
    const key = [Number(magnitude & 0xffffffffn)];
    if (magnitude >> 32n > 0n) key.push(Number(magnitude >> 32n));
    this.#initByArray(key);
  }

  /** `getrandbits(bits)`, for 1 to 32 bits. */
  bits(bits: number): number {
    return this.#uint32() >>> (32 - bits);
  }

  /** `randrange(n)`: `_randbelow_with_getrandbits`, which redraws what is too large. */
  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 0xffffffff) throw new RangeError(`below(${n}) has no value.`);
    const bits = 32 - Math.clz32(n);
    let drawn = this.bits(bits);
    while (drawn >= n) drawn = this.bits(bits);
    return drawn;
  }

  /** `shuffle`, in place. */
  shuffle<T>(list: T[]): void {
    for (let i = list.length - 1; i >= 1; i--) {
      const j = this.below(i + 1);
      const swapped = list[i]!;
      list[i] = list[j]!;
      list[j] = swapped;
    }
  }

  /** `sample(range(n), count)`: a pool for small populations, a set of what is taken for large ones. */
  sampleIndices(n: number, count: number): number[] {
    if (count > n) throw new RangeError(`A sample of ${count} is larger than its population of ${n}.`);
    const setSize = 21 + (count > 5 ? 4 ** Math.ceil(Math.log(count * 3) / Math.log(4)) : 0);
    if (n > setSize) {
      const taken = new Set<number>();
      while (taken.size < count) taken.add(this.below(n));
      return [...taken];
    }
    const pool = Array.from({ length: n }, (_, i) => i);
    return Array.from({ length: count }, (_, i) => {
      const j = this.below(n - i);
      const chosen = pool[j]!;
      pool[j] = pool[n - i - 1]!;
      return chosen;
    });
  }

  #initByArray(key: readonly number[]): void {
    const state = this.#state;
    state[0] = 19650218;
    for (let i = 1; i < size; i++) state[i] = Math.imul(1812433253, mixed(state[i - 1]!)) + i;
    let i = 1;
    let j = 0;
    const wrap = () => {
      if (++i < size) return;
      state[0] = state[size - 1]!;
      i = 1;
    };
    for (let k = Math.max(size, key.length); k > 0; k--) {
      state[i] = (state[i]! ^ Math.imul(mixed(state[i - 1]!), 1664525)) + key[j]! + j;
      wrap();
      j = (j + 1) % key.length;
    }
    for (let k = size - 1; k > 0; k--) {
      state[i] = (state[i]! ^ Math.imul(mixed(state[i - 1]!), 1566083941)) - i;
      wrap();
    }
    state[0] = 0x80000000;
  }

  #uint32(): number {
    if (this.#next === size) this.#twist();
    let y = this.#state[this.#next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < size; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff);
      state[i] = state[(i + period) % size]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}

function mixed(word: number): number {
  return word ^ (word >>> 30);
}
