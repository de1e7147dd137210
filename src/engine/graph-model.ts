import type { GraphModel } from '../graph/layers.js';
import type { Checkpoint } from '../models/checkpoint.js';

/** A checkpoint as the graph writer sees it. */
export function graphModelOf(checkpoint: Checkpoint): GraphModel {
  return { ...checkpoint.dimensions, weight: (role, layer) => checkpoint.weight(role, layer) };
}
