import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';

/** The rows of one layer. */
export interface ChosenRows {
  /** Ascending positions, int64 `[rows, 1]`; may be empty only in a graph that guards against it. */
  readonly rows: Value;
  /** The same, never empty: position 0 stands in. A product over no rows would end the process. */
  readonly computed: Value;
  /** `computed` as `[1, rows]`, for the rotation. */
  readonly positions: Value;
  /** Drops what was computed for a stand-in. */
  trim(rows: Value): Value;
}

/**
 * The selection of every layer: its mandatory rows united with its `budgets[l]` candidates of the largest
 * distance, ties to the lower position.
 *
 * Inputs: `mandatory` bool `[layers * length]`, `candidates` bool `[length]`, `budgets` int64 `[layers]`.
 */
export class RowChooser {
  readonly #g: GraphBuilder;
  readonly #guardEmpty: boolean;
  readonly #mandatory: Value[];
  readonly #budgets: Value[];
  readonly #candidates: Value;
  readonly #none: Value;

  constructor(g: GraphBuilder, layers: number, guardEmpty: boolean) {
    this.#g = g;
    this.#guardEmpty = guardEmpty;
    const split = (x: Value) => g.ops('Split', [x], layers, { axis: 0, num_outputs: layers });
    this.#mandatory = split(g.input('mandatory', DataType.bool, ['layers_length']));
    this.#budgets = split(g.input('budgets', DataType.int64, [layers]));
    this.#candidates = g.input('candidates', DataType.bool, ['length']);
    this.#none = filled(g, g.op('Shape', [this.#candidates]), false);
  }

  choose(distance: Value, layer: number): ChosenRows {
    const g = this.#g;
    const budget = this.#budgets[layer]!;
    const ranked = g.op('Where', [this.#candidates, distance, g.scalar(-1)]);
    const [, most] = g.ops('TopK', [ranked, budget], 2, { axis: -1, largest: 1, sorted: 1 });
    const selected = g.op('ScatterElements', [this.#none, most!, filled(g, budget, true)], { axis: 0 });
    const positions = g.op('NonZero', [g.op('Or', [selected, this.#mandatory[layer]!])]);
    const rows = g.op('Transpose', [positions], { perm: [1, 0] });
    return this.#guardEmpty
      ? this.#guarded(rows, positions)
      : { rows, computed: rows, positions, trim: (x) => x };
  }

  #guarded(rows: Value, positions: Value): ChosenRows {
    const g = this.#g;
    const count = g.op('Slice', [g.op('Shape', [rows]), g.ints([0]), g.ints([1])]);
    const missing = g.op('Max', [g.op('Sub', [g.ints([1]), count]), g.ints([0])]);
    const standIn = (dims: [number, number], axis: number) =>
      g.op('Slice', [g.ints([0], dims), g.ints([0]), missing, g.ints([axis])]);
    return {
      rows,
      computed: g.op('Concat', [rows, standIn([1, 1], 0)], { axis: 0 }),
      positions: g.op('Concat', [positions, standIn([1, 1], 1)], { axis: 1 }),
      trim: (x) => g.op('Slice', [x, g.ints([0]), count, g.ints([0])]),
    };
  }
}

/** A bool tensor of one value, of the shape that is known at run time. */
function filled(g: GraphBuilder, shape: Value, value: boolean): Value {
  const data = Uint8Array.of(value ? 1 : 0);
  return g.op('ConstantOfShape', [shape], {
    value: { name: 'value', dataType: DataType.bool, dims: [1], data },
  });
}
