import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';
import type { GraphModel } from './layers.js';
import { earlierHiddenName, laterHiddenName, type StreamPrefix } from './names.js';

/**
 * The head of a rule that reads the rows of one block, and of each how its distribution moved since the pass before
 * (`methods.md` 7.1). In the first pass of a block that pass belongs to the block before, where no one read these rows.
 * So their final hidden rows come out, and go in again in the pass after, if the block has ended by then.
 *
 * Inputs: `later_rows` int32 `[later]`, and of each stream hidden rows of the pass before, `[earlier, dModel]`. Either
 * may be empty. The predictions are of the head rows, and behind them of the earlier rows.
 */
export class LazyHead {
  /** Head rows and, behind them, later rows: `[head + later]`. */
  readonly rows: Value;
  readonly #g: GraphBuilder;
  readonly #width: number;
  readonly #sizes: Value;

  constructor(g: GraphBuilder, { dModel }: GraphModel, headRows: Value) {
    this.#g = g;
    this.#width = dModel;
    const later = g.input('later_rows', DataType.int32, ['later']);
    this.rows = g.op('Concat', [headRows, later], { axis: 0 });
    const sizes = [headRows, later].map((rows) => g.op('Shape', [rows]));
    this.#sizes = g.op('Concat', sizes, { axis: 0 });
  }

  /**
   * Rows that go through the head, `[head + earlier, dModel]`.
   * @param final Final hidden rows, normalised, of `rows`.
   */
  predicted(prefix: StreamPrefix, final: Value): Value {
    const g = this.#g;
    const [head, later] = g.ops('Split', [final, this.#sizes], 2, { axis: 0 });
    g.output(laterHiddenName(prefix), later!, DataType.float, ['later', this.#width]);
    const earlier = g.input(earlierHiddenName(prefix), DataType.float, ['earlier', this.#width]);
    return g.op('Concat', [head!, earlier], { axis: 0 });
  }
}
