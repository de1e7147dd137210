/** Names of the inputs and outputs of a step graph: the contract between `graph/` and `engine/`. */

import type { ProbeKind } from './spec.js';

/** The two streams of classifier-free guidance; a plain run has only the first. */
export const streams = ['', 'u.'] as const;
export type StreamPrefix = (typeof streams)[number];

/** Rotated queries, of layer 0 where it keeps those of unchanged rows; a state like the others. */
export const queryState = 'q';

/** State tensors of one layer, fed as inputs and updated from the outputs of the same name plus `.new`. */
export type StateKind = 'k' | 'v' | 'a' | 'f' | 'x';

export function stateName(prefix: StreamPrefix, kind: StateKind | typeof queryState, layer: number): string {
  return `${prefix}${kind}.${layer}`;
}

/** Fresh rows of a state tensor. */
export function newRowsName(
  prefix: StreamPrefix,
  kind: StateKind | typeof queryState,
  layer: number,
): string {
  return `${stateName(prefix, kind, layer)}.new`;
}

/** A tensor of one layer that a study asked for; K and V come out as fresh rows anyway. */
export function probeName(kind: ProbeKind, layer: number): string {
  if (kind === 'key') return newRowsName('', 'k', layer);
  if (kind === 'value') return newRowsName('', 'v', layer);
  return `probe.${kind}.${layer}`;
}

/** Final hidden rows that the head may be wanted of in the next pass, as they come out. */
export function laterHiddenName(prefix: StreamPrefix): string {
  return `${prefix}later_hidden`;
}

/** The same as they go in again. */
export function earlierHiddenName(prefix: StreamPrefix): string {
  return `${prefix}earlier_hidden`;
}

/** Positions that a layer of an adaptive graph computed, `[rows, 1]`. */
export function layerRowsName(prefix: StreamPrefix, layer: number): string {
  return `${prefix}rows.${layer}`;
}
