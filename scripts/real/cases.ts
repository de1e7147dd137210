import { type CacheOptions, cacheOptions } from '../../src/caching/registry.js';
import { listMethods } from '../../src/config/method.js';
import type { MethodOptions } from '../../src/decoding/method.js';
import { type UnmaskOptions, unmaskOptions } from '../../src/decoding/rules/registry.js';
import type { Generation } from '../../src/decoding/settings.js';
import { UsageError } from '../../src/errors.js';
import { cellGraph } from '../../src/experiments/graph-order.js';
import type { ModelDimensions } from '../../src/models/types.js';
import { benchMethod } from '../bench/models.js';

/** A method with the graph that it runs on. */
export interface SliceCase {
  /** As `repro explain` lists it, or `policy + rule`. */
  readonly id: string;
  readonly method: MethodOptions;
  /** Equal for methods that share a session. */
  readonly graph: string;
}

/**
 * Every listed method that a family has, and of all combinations of cache policy and unmasking rule with default settings
 * one for each graph that no listed method runs on. Those of one graph stand together: it is loaded once for them.
 */
export function sliceCases(dimensions: ModelDimensions, generation: Generation): SliceCase[] {
  const { family } = dimensions;
  const listed = listMethods().map((id) => ({ id, method: benchMethod(id, family) }));
  const combined = policies().flatMap((cache) =>
    rules().map((unmask) => ({ id: `${cache.policy} + ${unmask.rule}`, method: { cache, unmask } })),
  );
  const byGraph = new Map<string, SliceCase[]>();
  for (const { id, method } of [...listed, ...combined]) {
    const graph = graphOf(method, dimensions, generation);
    if (graph === undefined) continue;
    const known = byGraph.get(graph) ?? [];
    const isListed = listed.some((other) => other.id === id);
    if (isListed || known.length === 0) byGraph.set(graph, [...known, { id, method, graph }]);
  }
  return [...byGraph.values()].flat();
}

/** Undefined for parts that do not go together. */
function graphOf(
  method: MethodOptions,
  dimensions: ModelDimensions,
  generation: Generation,
): string | undefined {
  try {
    return cellGraph({ method, generation }, dimensions, 'cpu');
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function policies(): CacheOptions[] {
  return cacheOptions.options.map((option) => cacheOptions.parse({ policy: option.shape.policy.value }));
}

function rules(): UnmaskOptions[] {
  return unmaskOptions.options.map((option) => unmaskOptions.parse({ rule: option.shape.rule.value }));
}
