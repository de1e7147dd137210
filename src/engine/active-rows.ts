import type { StepGraphSpec } from '../graph/spec.js';
import { rowsWhere } from './rows-index.js';
import { streamsOf } from './state.js';
import { tokensOf } from './step-io.js';
import type { RowPlan, StepRequest } from './types.js';

/** Which rows a pass takes part with. */
export interface Active {
  /** Position of the first row; all behind it are active. */
  readonly first: number;
  /** `[length]`, 1 = the row's token is another than in the pass before, in one of the streams. */
  readonly changed: Uint8Array;
  /** The active rows whose flag is set, as positions. */
  readonly changedRows: Int32Array;
}

/** Follows the canvas of a sample from pass to pass, to know what can be left out of the next one. */
export class ActiveRows {
  readonly #spec: StepGraphSpec;
  /** The canvas of each stream in the pass before. */
  #before: readonly Int32Array[] | undefined;

  constructor(spec: StepGraphSpec) {
    this.#spec = spec;
  }

  next(plan: RowPlan, request: StepRequest): Active {
    const { savings, distances } = this.#spec;
    // Who asks for distances, or predictions of prompt rows, wants them of all rows.
    const saved = savings.includes('prompt-rows') && !distances;
    const first = saved
      ? Math.min(plan.kind === 'adaptive' ? (plan.unread ?? 0) : 0, ...request.headRows.subarray(0, 1))
      : 0;
    const now = streamsOf(this.#spec).map((prefix) => tokensOf(request, prefix).slice());
    const changed = this.#changed(now);
    // A product over no rows would end the process; a row more changes nothing.
    if (!changed.includes(1)) changed[changed.length - 1] = 1;
    this.#before = now;
    return { first, changed, changedRows: rowsWhere(changed, 1, first) };
  }

  #changed(now: readonly Int32Array[]): Uint8Array {
    const length = now[0]!.length;
    const before = this.#before;
    if (before === undefined) return new Uint8Array(length).fill(1);
    const changed = new Uint8Array(length);
    for (const [stream, tokens] of now.entries()) {
      for (let i = 0; i < length; i++) if (tokens[i] !== before[stream]![i]) changed[i] = 1;
    }
    return changed;
  }
}
