import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';

/** The rows of one layer, counted among the active ones. */
export interface ChosenRows {
  /** Ascending, int64 `[rows, 1]`; may be empty only in a graph that guards against it. */
  readonly rows: Value;
  /** The same as positions of the sequence. */
  readonly absolute: Value;
  /** bool `[active]`. */
  readonly mask: Value;
  /** `rows`, never empty: row 0 stands in. A product over no rows would end the process. */
  readonly computed: Value;
  /** `computed` as positions of the sequence, `[1, rows]`, for the rotation. */
  readonly positions: Value;
  /** Drops what was computed for a stand-in. */
  trim(rows: Value): Value;
}

/**
 * The selection of every layer: its mandatory rows united with its `budgets[l]` candidates of the largest
 * distance, ties to the lower position.
 *
 * Inputs: `mandatory` bool `[layers * active]`, `candidates` bool `[active]`, `budgets` int64 `[layers]`, `first`
 * int64 `[1]`, the position of the first active row.
 */
export class RowChooser {
  /** Position of the first active row, int64 `[1]`. */
  readonly first: Value;
  readonly #g: GraphBuilder;
  readonly #guardEmpty: boolean;
  readonly #mandatory: Value[];
  readonly #budgets: Value[];
  readonly #candidates: Value;
  readonly #none: Value;

  constructor(g: GraphBuilder, layers: number, guardEmpty: boolean) {
    this.#g = g;
    this.#guardEmpty = guardEmpty;
    const split = (x: Value) =>
      g.part('selection', () => g.ops('Split', [x], layers, { axis: 0, num_outputs: layers }));
    this.#mandatory = split(g.input('mandatory', DataType.bool, ['layers_active']));
    this.#budgets = split(g.input('budgets', DataType.int64, [layers]));
    this.#candidates = g.input('candidates', DataType.bool, ['active']);
    this.first = g.input('first', DataType.int64, [1]);
    this.#none = g.part('selection', () => filled(g, g.op('Shape', [this.#candidates]), false));
  }

  choose(distance: Value, layer: number): ChosenRows {
    return this.#g.part('selection', () => this.#choose(distance, layer));
  }

  #choose(distance: Value, layer: number): ChosenRows {
    const g = this.#g;
    const budget = this.#budgets[layer]!;
    const ranked = g.op('Where', [this.#candidates, distance, g.scalar(-1)]);
    const [, most] = g.ops('TopK', [ranked, budget], 2, { axis: -1, largest: 1, sorted: 1 });
    const selected = g.op('ScatterElements', [this.#none, most!, filled(g, budget, true)], { axis: 0 });
    const mask = g.op('Or', [selected, this.#mandatory[layer]!]);
    const across = g.op('NonZero', [mask]);
    const rows = g.op('Transpose', [across], { perm: [1, 0] });
    const absolute = g.op('Add', [rows, this.first]);
    const shared = { rows, absolute, mask };
    if (this.#guardEmpty) return { ...shared, ...this.#guarded(rows, across) };
    return { ...shared, computed: rows, positions: g.op('Add', [across, this.first]), trim: (x) => x };
  }

  #guarded(rows: Value, across: Value): Pick<ChosenRows, 'computed' | 'positions' | 'trim'> {
    const g = this.#g;
    const count = g.op('Slice', [g.op('Shape', [rows]), g.ints([0]), g.ints([1])]);
    const missing = g.op('Max', [g.op('Sub', [g.ints([1]), count]), g.ints([0])]);
    const standIn = (dims: [number, number], axis: number) =>
      g.op('Slice', [g.ints([0], dims), g.ints([0]), missing, g.ints([axis])]);
    const guarded = g.op('Concat', [across, standIn([1, 1], 1)], { axis: 1 });
    return {
      computed: g.op('Concat', [rows, standIn([1, 1], 0)], { axis: 0 }),
      positions: g.op('Add', [guarded, this.first]),
      trim: (x) => g.part('state', () => g.op('Slice', [x, g.ints([0]), count, g.ints([0])])),
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
