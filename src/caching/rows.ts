import type { UniformPlan } from '../engine/types.js';

/** Row algebra that several policies share. Positions are absolute and ascending. */

/** One flag per position: 1 where the token is known, 0 where it is masked. */
export function unmaskedFlags(tokens: Int32Array, maskId: number): Uint8Array {
  return Uint8Array.from(tokens, (token) => (token === maskId ? 0 : 1));
}

/**
 * The plan that computes `rows` and stores `store` of them. A pass has one row at least: where a cache needs none,
 * because every token behind it is known, the last row is computed and not stored.
 */
export function uniformPlan(rows: Int32Array, store: UniformPlan['store'], length: number): UniformPlan {
  if (rows.length > 0) return { kind: 'uniform', rows, store };
  return { kind: 'uniform', rows: Int32Array.of(length - 1), store: 'none' };
}

/** Whether an interval refresh falls on the pass after `passes` passes; -1 = on every pass. */
export function refreshDue(passes: number, every: number): boolean {
  return every === -1 || passes % every === 0;
}
