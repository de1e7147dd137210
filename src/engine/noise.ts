import type { CounterRng } from '../stats/rng.js';

/**
 * Gumbel(0, 1) noise `[rows, vocab]` that depends only on the seed, the pass, the position and the token: the
 * same for every method, row order and device. `argmax(z + T g)` then samples from `softmax(z / T)`, as
 * LLaDA's `exp(z) / (-ln u)^T` does.
 */
export function gumbelNoise(rng: CounterRng, pass: number, rows: Int32Array, vocab: number): Float32Array {
  const noise = new Float32Array(rows.length * vocab);
  for (let i = 0; i < rows.length; i++) {
    for (let token = 0; token < vocab; token++) {
      const u = Math.max(rng.uniform(pass, rows[i]!, token), Number.MIN_VALUE);
      noise[i * vocab + token] = -Math.log(-Math.log(u));
    }
  }
  return noise;
}
