import type { WatchedPass } from './watched-passes.js';

/** What a pass of a graph takes: a part of its own, and one for each operation of its matrix products. */
export interface PassCost {
  readonly fixedMs: number;
  readonly msPerFlop: number;
}

/**
 * The line through measured passes whose relative errors have the least squares, so that short passes count as much as
 * long ones. Where passes are too alike to tell the two parts, all is put on the operations.
 *
 * @param passes At least one.
 */
export function fitPassCost(passes: readonly Pick<WatchedPass, 'totalMs' | 'flops'>[]): PassCost {
  let [w, x, xx, y, xy] = [0, 0, 0, 0, 0];
  for (const { totalMs: ms, flops } of passes) {
    // A clock that stands still would weigh infinitely.
    const weight = 1 / Math.max(ms, 1e-3) ** 2;
    w += weight;
    x += weight * flops;
    xx += weight * flops * flops;
    y += weight * ms;
    xy += weight * flops * ms;
  }
  const determinant = w * xx - x * x;
  const msPerFlop = (w * xy - x * y) / determinant;
  const fixedMs = (y - msPerFlop * x) / w;
  // Flops that differ by less than a hundredth tell a slope of noise.
  const tellsApart = determinant > 1e-4 * w * xx;
  if (tellsApart && msPerFlop > 0 && fixedMs >= 0) return { fixedMs, msPerFlop };
  return { fixedMs: 0, msPerFlop: xy / xx };
}

/** Milliseconds of so many passes with so many operations together. */
export function costOf({ fixedMs, msPerFlop }: PassCost, passes: number, flops: number): number {
  return passes * fixedMs + flops * msPerFlop;
}
