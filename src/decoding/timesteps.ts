const f = Math.fround;

/**
 * Dream's timesteps: `steps + 1` values from 1 to eps in float32, as torch.linspace computes them (from either
 * end to the middle).
 */
export function timesteps(steps: number, eps: number): number[] {
  const end = f(eps);
  const step = f(f(end - 1) / steps);
  return Array.from({ length: steps + 1 }, (_, i) =>
    i < (steps + 1) / 2 ? f(1 + f(step * i)) : f(end - f(step * (steps - i))),
  );
}

/** Share of the masks that pass `i` transfers: `1 - s / t`, in float32. */
export function transferShare(times: readonly number[], i: number): number {
  return f(1 - f(times[i + 1]! / times[i]!));
}

/** Tokens to transfer: the share of `masks`, truncated. */
export function transferCount(masks: number, share: number): number {
  return Math.trunc(f(masks * share));
}
