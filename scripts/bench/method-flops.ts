import { listMethods, loadMethod } from '../../src/config/method.js';
import { decode } from '../../src/decoding/loop.js';
import { createMethod, type MethodOptions } from '../../src/decoding/method.js';
import type { RowCounts } from '../../src/decoding/rows.js';
import type { Generation } from '../../src/decoding/settings.js';
import { sampleSetup } from '../../src/decoding/setup.js';
import { profiled } from '../../src/engine/profiled.js';
import { UsageError } from '../../src/errors.js';
import { savings as allSavings } from '../../src/graph/savings.js';
import { type ExecutedFlops, executedFlops } from '../../src/measure/executed-flops.js';
import { flops } from '../../src/measure/flops.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import type { ModelDimensions } from '../../src/models/types.js';
import { otherFlops } from './other-flops.js';

/** One sample to decode under onnxruntime's profiler. */
export interface ProfiledTask {
  readonly checkpointDir: string;
  readonly method: MethodOptions;
  readonly generation: Generation;
  readonly promptIds: Int32Array;
  /** False: every row that leaves the last layer goes through the head, as in the published code. */
  readonly savings: boolean;
}

/** Analytic and executed FLOPs of one sample. */
export interface FlopComparison {
  /** Of the method as published. */
  readonly nominal: number;
  /** Of the rows that the engine reports. */
  readonly analytic: number;
  /** Of the arithmetic beside the matrix products, from the same rows; undefined with guidance or noise. */
  readonly others: number | undefined;
  /** Of the nodes that onnxruntime ran. */
  readonly executed: ExecutedFlops;
  /** Runs of the model, as the published code counts them. */
  readonly nfeExecuted: number;
  readonly rowsExecuted: RowCounts;
}

/** Ids of the methods that a model family has. */
export function methodsOf(family: ModelDimensions['family'], generation: Generation): string[] {
  return listMethods().filter((id) => {
    try {
      createMethod(loadMethod(id, family), family, generation);
      return true;
    } catch (error) {
      if (error instanceof UsageError && error.code === 'METHOD_FAMILY') return false;
      throw error;
    }
  });
}

/** Decodes a sample on an engine of its own and counts its operations twice: from row counts and from the trace. */
export async function compareFlops(task: ProfiledTask): Promise<FlopComparison> {
  const { checkpointDir, method, generation, promptIds, savings } = task;
  const { dimensions } = await openCheckpoint(checkpointDir);
  const parts = createMethod(method, dimensions.family, generation);
  const probes = { logits: !savings, distances: false };
  const used = savings ? allSavings : [];
  const { spec } = sampleSetup(0, parts.cache, parts.rule, generation, dimensions, probes, used);
  const { value, traces } = await profiled({ checkpointDir, threads: 1 }, (engine) =>
    decode(engine, {
      promptIds,
      generation,
      ...parts,
      special: dimensions,
      clock: () => 0,
      savings: used,
      ...(savings ? {} : { onLogits: () => {} }),
    }),
  );
  const { rows, rowsExecuted, nfeExecuted } = value;
  // Query heads that share a KV head are rows of the same attention head: `Layers.attention`.
  const executed = traces.map((trace) => executedFlops(trace, dimensions.kvHeads)).reduce(sum);
  const [nominal, analytic] = [rows, rowsExecuted].map((counts) => flops(dimensions, counts));
  const { cfg, temperature } = generation;
  const uncounted = savings || cfg > 0 || temperature > 0;
  const others = uncounted ? undefined : otherFlops(dimensions, rowsExecuted, spec);
  return { nominal: nominal!, analytic: analytic!, others, executed, nfeExecuted, rowsExecuted };
}

function sum(a: ExecutedFlops, b: ExecutedFlops): ExecutedFlops {
  const operators = [...new Set([a, b].flatMap(({ byOperator }) => Object.keys(byOperator)))];
  return {
    products: a.products + b.products,
    byOperator: Object.fromEntries(
      operators.map((name) => [name, (a.byOperator[name] ?? 0) + (b.byOperator[name] ?? 0)]),
    ),
    others: a.others + b.others,
    runs: a.runs + b.runs,
  };
}
