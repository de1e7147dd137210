import { z } from 'zod';
import { rowRange } from '../engine/rows-index.js';
import type { AdaptivePlan } from '../engine/types.js';
import type { SampleShape } from './policy.js';

/** Option of a refresh interval, in passes; read by `refreshDue`. */
export const interval = z
  .number()
  .int()
  .refine((n) => n === -1 || n >= 1, 'must be -1 (every pass) or at least 1');

/** What a pass does in the layers behind the first, in the terms of dLLM-Cache and of the code forked from it. */
export interface PartialRefresh {
  readonly refreshPrompt: boolean;
  readonly refreshResponse: boolean;
  /** Response rows that are computed whatever their distance. */
  readonly window: readonly number[];
  /** Response rows outside the window to compute, the most changed ones. */
  readonly budget: number;
}

/**
 * The plan of a pass with prompt and response refreshed apart: layer 0 complete; in the others the prompt at its
 * interval, and of the response all rows or the window and the most changed ones. V of the response is always
 * recomputed, since it is what changes are measured by.
 */
export function promptResponsePlan(
  { promptLength, genLength, length, layers, predictsNext }: SampleShape,
  { refreshPrompt, refreshResponse, window, budget }: PartialRefresh,
): AdaptivePlan {
  const perLayer = new Uint8Array(length);
  if (refreshPrompt) perLayer.fill(1, 0, promptLength);
  if (refreshResponse) perLayer.fill(1, promptLength);
  else for (const i of window) perLayer[i] = 1;
  const mandatory = new Uint8Array(layers * length).fill(1, 0, length);
  for (let l = 1; l < layers; l++) mandatory.set(perLayer, l * length);

  const candidates = new Uint8Array(length).fill(1, promptLength);
  for (const i of window) candidates[i] = 0;
  const budgets = new Int32Array(layers).fill(
    refreshResponse ? 0 : Math.min(budget, genLength - window.length),
  );
  budgets[0] = 0;
  return {
    kind: 'adaptive',
    mandatory,
    candidates,
    scope: new Uint8Array(length).fill(1, promptLength),
    budgets,
    valueRows: { first: rowRange(0, length), others: rowRange(refreshPrompt ? 0 : promptLength, length) },
    unread: refreshPrompt ? 0 : unreadPrompt({ promptLength, predictsNext }),
  };
}

/**
 * Prompt rows that no one reads in a pass which leaves the prompt to the cache: all, but for the row that predicts
 * Dream's first response position (`methods.md` 7.4).
 */
export function unreadPrompt({
  promptLength,
  predictsNext,
}: Pick<SampleShape, 'promptLength' | 'predictsNext'>): number {
  return predictsNext ? Math.max(0, promptLength - 1) : promptLength;
}
