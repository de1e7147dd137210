import { createMethod, type MethodOptions } from '../decoding/method.js';
import type { Generation } from '../decoding/settings.js';
import { sampleSetup, savingsOf } from '../decoding/setup.js';
import { keepsOneSession } from '../engine/ort-session.js';
import { specKey } from '../graph/spec.js';
import { groupBy } from '../group-by.js';
import type { ModelDimensions } from '../models/types.js';
import type { OpenModel } from './loaded-model.js';
import type { PlannedSample } from './plan.js';

/**
 * Samples in the order of work. Of a model that keeps one session alive those that run on the same graph stand together:
 * with the methods in turns, every sample would load the weights anew. Else, and within a graph, as they came.
 */
export function inGraphOrder(
  planned: readonly PlannedSample[],
  { checkpoint }: Pick<OpenModel, 'checkpoint'>,
  device: string,
): readonly PlannedSample[] {
  if (!keepsOneSession(checkpoint.totalBytes, device)) return planned;
  const graphs = new Map<string, string>();
  const graphOf = ({ cell }: PlannedSample) => {
    const known = graphs.get(cell.id) ?? cellGraph(cell, checkpoint.dimensions, device);
    graphs.set(cell.id, known);
    return known;
  };
  return [...groupBy(planned, graphOf).values()].flat();
}

/** The graph that decodes the samples of a cell, by a name. @throws UsageError for parts that do not go together */
export function cellGraph(
  { method, generation }: { readonly method: MethodOptions; readonly generation: Generation },
  dimensions: ModelDimensions,
  device: string,
): string {
  const { cache, rule } = createMethod(method, dimensions.family, generation);
  const probes = { logits: false, distances: false };
  const savings = savingsOf({}, device);
  return specKey(sampleSetup(0, cache, rule, generation, dimensions, probes, savings).spec);
}
