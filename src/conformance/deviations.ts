/** The largest deviations from what was recorded; null where nothing of the kind was compared. */
export interface Deviation {
  /** Absolute, of logits. */
  readonly logits: number | null;
  /** Relative, of layer means and thresholds. */
  readonly relative: number | null;
}

export const noDeviation: Deviation = { logits: null, relative: null };

/** The larger of two deviations, kind by kind. */
export function largerDeviation(a: Deviation, b: Deviation): Deviation {
  const larger = (x: number | null, y: number | null) => (x === null || (y !== null && y > x) ? y : x);
  return { logits: larger(a.logits, b.logits), relative: larger(a.relative, b.relative) };
}

/** Collects the deviations of one vector while it is compared. */
export class Deviations {
  #largest = noDeviation;

  get largest(): Deviation {
    return this.#largest;
  }

  /** @returns the absolute difference. */
  logits(ours: number, recorded: number): number {
    const difference = Math.abs(ours - recorded);
    this.#largest = largerDeviation(this.#largest, { logits: difference, relative: null });
    return difference;
  }

  /** Beside numbers next to 0 the difference is taken as it is. */
  relative(ours: number, recorded: number): void {
    const difference = Math.abs(ours - recorded);
    const relative = Math.abs(recorded) < 1e-6 ? difference : difference / Math.abs(recorded);
    this.#largest = largerDeviation(this.#largest, { logits: null, relative });
  }
}
