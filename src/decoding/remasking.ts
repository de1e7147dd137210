import type { StepResult } from '../engine/types.js';
import { CounterRng } from '../stats/rng.js';
import type { Predictions } from './rule.js';
import type { Generation } from './settings.js';

/** Turns an engine result into ranked predictions: by probability, or by a seeded random score per position. */
export class Remasking {
  readonly #random: CounterRng | undefined;

  constructor({ remasking, seed }: Generation) {
    this.#random = remasking === 'random' ? new CounterRng(`${seed}/remasking`) : undefined;
  }

  predictions(positions: Int32Array, result: StepResult, pass: number): Predictions {
    const random = this.#random;
    const confidence =
      random === undefined
        ? result.p1
        : Float64Array.from(positions, (position) => random.uniform(pass, position, 0));
    return {
      positions,
      ids: result.best,
      confidence,
      p1: result.p1,
      p2: result.p2,
      ...(result.shift === undefined ? {} : { shift: result.shift }),
      ...(result.entropy === undefined ? {} : { entropy: result.entropy }),
    };
  }
}
