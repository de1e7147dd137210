import type { RowPlan, StepRequest, StepResult, UniformPlan } from '../engine/types.js';

/** Rows of one stream, summed over its passes. */
export interface StreamRows {
  /** Sum over passes and layers of the rows computed. */
  readonly layerRows: number;
  /** Sum over passes and layers of rows of which only V was computed (V-verify). */
  readonly valueOnlyRows: number;
  /** Sum over passes of rows of the last layer of which only K and V were computed; not among `layerRows`. */
  readonly keyValueRows?: number | undefined;
  /** Sum over passes of rows of layer 0, among `layerRows`, whose q, K and V were kept. */
  readonly keptRows?: number | undefined;
  /** Sum over passes of rows that went through the LM head. */
  readonly headRows: number;
}

/** Rows that a sample's passes computed: what row-NFE and the analytic FLOPs are made of. */
export interface RowCounts extends StreamRows {
  /** Forward passes (NFE). */
  readonly passes: number;
  /** Rows of one full pass: prompt and response. */
  readonly length: number;
  readonly layers: number;
  /** With classifier-free guidance: the second stream. The counts beside it are those of the first. */
  readonly unconditional?: StreamRows | undefined;
}

type MutableStream = { -readonly [key in keyof StreamRows]: number };

/** What one stream did in one pass. */
interface StreamPass {
  readonly plan: RowPlan;
  /** Rows that the layers of an adaptive plan chose. */
  readonly layerRows: StepResult['layerRows'];
  readonly leftOut: StepResult['leftOut'];
}

/** What an engine was asked for in one pass, as far as rows go. */
export type AskedRows = Pick<StepRequest, 'plan' | 'unconditionalPlan' | 'headRows'>;

/**
 * Adds up the rows of one sample, pass by pass, in two ways. *Nominal*: of the method as it is published, where
 * all rows that come out of the last layer go through the head: those of a uniform pass, all rows where layers
 * choose their own. *Executed*: of what the engine ran, without the rows and passes that it left out, and with a row that
 * stands in where there is none.
 */
export class RowCounter {
  readonly #length: number;
  readonly #layers: number;
  readonly #nominal = { conditional: emptyStream(), unconditional: emptyStream() };
  readonly #executed = { conditional: emptyStream(), unconditional: emptyStream() };
  #passes = 0;
  #passesExecuted = 0;
  #guided = false;

  constructor(length: number, layers: number) {
    this.#length = length;
    this.#layers = layers;
  }

  /**
   * Adds a pass of the model: of the first stream, and of the second one if that ran.
   * @param guided Whether both streams ran on the plan of the first; the second may have one of its own.
   */
  add(asked: AskedRows, result: StepResult, guided: boolean): void {
    const { plan, headRows } = asked;
    const { layerRows, leftOut, unconditionalLayerRows, unconditionalLeftOut } = result;
    this.#passes += 1;
    this.#passesExecuted += 1;
    const predicted = Math.max(1, headRows.length) + (result.earlierHeadRows ?? 0);
    this.#addStream('conditional', { plan, layerRows, leftOut }, predicted);
    const second = guided ? plan : asked.unconditionalPlan;
    if (second === undefined) return;
    this.#guided = true;
    const pass = {
      plan: second,
      layerRows: unconditionalLayerRows,
      leftOut: guided ? leftOut : unconditionalLeftOut,
    };
    this.#addStream('unconditional', pass, predicted);
  }

  /** Adds a pass that the method has and that did not run. @param guided Whether it has both streams. */
  addIdle({ rows }: UniformPlan, guided: boolean): void {
    this.#passes += 1;
    this.#guided ||= guided;
    for (const stream of guided ? (['conditional', 'unconditional'] as const) : (['conditional'] as const)) {
      this.#nominal[stream].headRows += rows.length;
      this.#nominal[stream].layerRows += rows.length * this.#layers;
    }
  }

  #addStream(
    stream: 'conditional' | 'unconditional',
    { plan, layerRows, leftOut }: StreamPass,
    headRows: number,
  ): void {
    const { before = 0, lastLayerRows, keptRows = 0 } = leftOut ?? {};
    const nominal = this.#nominal[stream];
    const executed = this.#executed[stream];
    executed.headRows += headRows;
    if (keptRows > 0) executed.keptRows = (executed.keptRows ?? 0) + keptRows;
    if (plan.kind === 'uniform') {
      const rows = plan.rows.length;
      const last = lastLayerRows ?? rows;
      nominal.headRows += rows;
      nominal.layerRows += rows * this.#layers;
      executed.layerRows += rows * (this.#layers - 1) + last;
      if (last < rows) executed.keyValueRows = (executed.keyValueRows ?? 0) + rows - last;
      return;
    }
    if (layerRows === undefined) throw new Error('nothing is known of the rows that the layers chose');
    nominal.headRows += this.#length;
    for (const [l, chosen] of layerRows.entries()) {
      // The listed rows contain the chosen ones, whose V is among what a layer row costs.
      const listed = l === 0 ? plan.valueRows?.first : plan.valueRows?.others;
      const computed = Math.max(1, countFrom(chosen, before));
      nominal.layerRows += chosen.length;
      executed.layerRows += computed;
      if (listed === undefined) continue;
      nominal.valueOnlyRows += listed.length - chosen.length;
      executed.valueOnlyRows += countFrom(listed, before) - computed;
    }
  }

  nominal(): RowCounts {
    return this.#counts(this.#passes, this.#nominal);
  }

  executed(): RowCounts {
    return this.#counts(this.#passesExecuted, this.#executed);
  }

  #counts(
    passes: number,
    { conditional, unconditional }: Record<'conditional' | 'unconditional', StreamRows>,
  ): RowCounts {
    return {
      passes,
      length: this.#length,
      layers: this.#layers,
      ...conditional,
      ...(this.#guided ? { unconditional: { ...unconditional } } : {}),
    };
  }
}

/** How many of the ascending `rows` are not before `first`. */
function countFrom(rows: Int32Array, first: number): number {
  return first === 0 ? rows.length : rows.length - rows.filter((row) => row < first).length;
}

function emptyStream(): MutableStream {
  return { layerRows: 0, valueOnlyRows: 0, headRows: 0 };
}

/**
 * Row-NFE: passes weighted by the share of rows that they computed. Vanilla's equals its NFE, with guidance too:
 * as there, both streams of a pass count once.
 */
export function rowNfe(counts: Pick<RowCounts, 'layerRows' | 'layers' | 'length'>): number {
  return counts.layerRows / (counts.layers * counts.length);
}
