import type { GraphModel } from '../graph/layers.js';
import { earlierHiddenName, laterHiddenName } from '../graph/names.js';
import type { StepGraphSpec } from '../graph/spec.js';
import type { Feeds } from './ort-session.js';
import { RowMemory } from './row-memory.js';
import { streamsOf } from './state.js';
import { floatData, type Outputs } from './step-io.js';
import { float32, int32 } from './tensors.js';
import type { StepRequest } from './types.js';

/** Which rows of the pass before go through the head now: those wanted now that were kept and not predicted then. */
export class EarlierRows {
  #predicted = new Set<number>();
  #later = new Set<number>();

  of({ headRows }: Pick<StepRequest, 'headRows'>): Int32Array {
    return headRows.filter((row) => this.#later.has(row) && !this.#predicted.has(row));
  }

  /** Ends a pass. */
  keep({ headRows, laterRows = new Int32Array(0) }: Pick<StepRequest, 'headRows' | 'laterRows'>): void {
    this.#predicted = new Set(headRows);
    this.#later = new Set(laterRows);
  }
}

/** Final hidden rows that wait for the head of the next pass, of all streams: 4 * rows * dModel bytes each. */
export class LazyHeadMemory {
  readonly #width: number;
  readonly #rows = new EarlierRows();
  readonly #hidden: ReadonlyMap<string, RowMemory>;
  readonly #streams: ReturnType<typeof streamsOf>;

  constructor({ dModel }: GraphModel, spec: StepGraphSpec) {
    this.#width = dModel;
    this.#streams = streamsOf(spec);
    this.#hidden = new Map(this.#streams.map((prefix) => [prefix, new RowMemory(dModel)]));
  }

  /** Adds the inputs and outputs of a pass. @returns the earlier rows that it predicts, behind the head rows. */
  prepare(
    request: StepRequest,
    toRow: (positions: Int32Array) => Int32Array,
    feeds: Feeds,
    fetches: string[],
  ): Int32Array {
    const earlier = this.#rows.of(request);
    const later = toRow(request.laterRows ?? new Int32Array(0));
    feeds.later_rows = int32(later);
    for (const prefix of this.#streams) {
      const hidden = this.#hidden.get(prefix)!.gather(earlier);
      feeds[earlierHiddenName(prefix)] = float32(hidden, [earlier.length, this.#width]);
      fetches.push(laterHiddenName(prefix));
    }
    return earlier;
  }

  /** Keeps the later rows of the pass. */
  keep(request: StepRequest, out: Outputs): void {
    this.#rows.keep(request);
    for (const prefix of this.#streams) {
      const later = request.laterRows ?? new Int32Array(0);
      this.#hidden.get(prefix)!.keep(later, floatData(out, laterHiddenName(prefix)));
    }
  }
}
