import { DataType } from '../../formats/onnx/model.js';
import type { GraphBuilder, Value } from '../builder.js';

/** The rows of one layer on the device. */
export interface DeviceRows {
  /** Int64 `[rows, 1]`: the mandatory rows, then the most changed candidates; a row may stand in both. */
  readonly rows: Value;
  /** The same as float32, for the report: never empty, which a part of a long Concat must not be on WebGPU. */
  readonly listed: Value;
  /** Keeps the old rows of a cache where the layer computes nothing and a row stands in. */
  keepIfEmpty(cached: Value, computed: Value): Value;
}

/** What a layer is told, as scalars on the host's side, which cost no transfer. */
export const layerInputs = ['budget', 'from', 'to'] as const;

/**
 * The selection of every layer: its mandatory rows and its `budgets[l]` candidates of the largest distance, ties to
 * the lower position. Positions are counted in float32, exact up to 2^24, because integer arithmetic would leave the
 * device. The mandatory rows of all layers come in one list, of which every layer takes `[from, to)`; how many
 * distinct rows the union has would only be known after a transfer, so a row that is in both lists is computed twice.
 *
 * Inputs: `mandatory` float32 `[listed, 1]`, `candidates` bool `[length, 1]`, and per layer `budget`, `from`, `to`
 * int64 `[1]`; guarded graphs also `filled` float32 `[layers, 1]`, 0 where a row stands in.
 */
export class DeviceRowChooser {
  readonly #g: GraphBuilder;
  readonly #positions: Value;
  readonly #mandatory: Value;
  readonly #candidates: Value;
  readonly #filled: Value | undefined;

  constructor(g: GraphBuilder, layers: number, maxLength: number, guardEmpty: boolean) {
    this.#g = g;
    this.#positions = positionsTable(g, maxLength);
    this.#mandatory = g.input('mandatory', DataType.float, ['listed', 1]);
    this.#candidates = g.input('candidates', DataType.bool, ['length', 1]);
    this.#filled = guardEmpty ? g.input('filled', DataType.float, [layers, 1]) : undefined;
  }

  /** @param distance `[length, 1]`. */
  choose(distance: Value, layer: number): DeviceRows {
    const g = this.#g;
    const [budget, from, to] = layerInputs.map((name) => g.input(`${name}.${layer}`, DataType.int64, [1]));
    const ranked = g.op('Where', [this.#candidates, distance, g.scalar(-1)]);
    const [, most] = g.ops('TopK', [ranked, budget!], 2, { axis: 0, largest: 1, sorted: 1 });
    const selected = g.op('GatherND', [this.#positions, most!]);
    const mandatory = g.op('Slice', [this.#mandatory, from!, to!, g.ints([0])]);
    const listed = g.op('Concat', [mandatory, selected], { axis: 0 });
    const rows = g.op('Cast', [listed], { to: DataType.int64 });
    return {
      rows,
      listed,
      keepIfEmpty: (cached, computed) => this.#keepIfEmpty(cached, computed, rows, layer),
    };
  }

  #keepIfEmpty(cached: Value, computed: Value, rows: Value, layer: number): Value {
    if (this.#filled === undefined) return computed;
    const g = this.#g;
    const filled = g.op('Slice', [this.#filled, g.ints([layer]), g.ints([layer + 1]), g.ints([0])]);
    const kept = g.op('GatherND', [cached, rows]);
    return g.op('Where', [g.op('Greater', [filled, g.scalar(0.5)]), computed, kept]);
  }
}

/** 0, 1, 2, ... as float32 `[count, 1]`: turns an index on the device into a number there. */
export function positionsTable(g: GraphBuilder, count: number): Value {
  return g.floats(
    `positions_${count}`,
    [count, 1],
    Float32Array.from({ length: count }, (_, i) => i),
  );
}
