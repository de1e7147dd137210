import { DataType } from '../../formats/onnx/model.js';
import type { GraphBuilder, Value } from '../builder.js';

/** What a step tells the host beside logits. Order in the report: as here; per-layer parts layer by layer. */
export type ReportPart =
  | 'best'
  | 'weight'
  | 'second'
  | 'rest'
  | 'shift'
  | 'entropy'
  | 'means'
  | 'rows'
  | 'distances';

/**
 * Everything that the host reads after a pass, as one float32 vector: every output is a transfer with a wait of its
 * own, so there is one. Ids and positions are exact in float32 up to 2^24. The host knows the size of every part.
 */
export class Report {
  readonly #parts: Value[] = [];
  readonly #order: ReportPart[] = [];

  /** Appends a part, of any shape. */
  add(part: ReportPart, value: Value): void {
    this.#parts.push(value);
    this.#order.push(part);
  }

  /** The parts in their order in the report. */
  get order(): readonly ReportPart[] {
    return this.#order;
  }

  /** Declares the output `report`. */
  finish(g: GraphBuilder): void {
    const flat = this.#parts.map((part) => g.op('Reshape', [part, g.ints([-1])]));
    g.output('report', g.op('Concat', flat, { axis: 0 }), DataType.float, ['report']);
  }
}
