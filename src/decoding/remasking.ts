import type { StepResult } from '../engine/types.js';
import { counterUniform } from '../stats/rng.js';
import type { Predictions } from './rule.js';
import type { Generation } from './settings.js';

/** Turns an engine result into ranked predictions: by probability, or by a seeded random score per position. */
export class Remasking {
  readonly #generation: Generation;

  constructor(generation: Generation) {
    this.#generation = generation;
  }

  predictions(positions: Int32Array, result: StepResult, pass: number): Predictions {
    const { remasking, seed } = this.#generation;
    const confidence =
      remasking === 'low-confidence'
        ? result.p1
        : Float64Array.from(positions, (position) => counterUniform(`${seed}/remasking`, pass, position, 0));
    return {
      positions,
      ids: result.best,
      confidence,
      p2: result.p2,
      ...(result.shift === undefined ? {} : { shift: result.shift }),
    };
  }
}
