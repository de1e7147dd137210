import type { ExperimentPlan } from '../../config/experiment-plan.js';
import { InterruptedError } from '../../decoding/errors.js';
import type { Clock } from '../../measure/clock.js';
import { agreement } from '../../results/agreement.js';
import { pairedColumns } from '../../results/paired.js';
import { isCorrect, type SampleRow } from '../../results/samples.js';
import { pyodideBackend } from '../../sandbox/run.js';
import { createPythonRunner } from '../../sandbox/runner.js';
import { type LoadedModel, openModel, withEngines } from '../loaded-model.js';
import { interleaved, type PlannedSample, planGroups } from '../plan.js';
import { runSample } from '../run-sample.js';
import { canvasLogits, type SampledCanvas, sampleCanvases } from './canvases.js';
import { type Divergence, rowDivergence, summariseDivergence } from './divergence.js';

export interface PrecisionDriftOptions {
  /** The model as published, and the converted one: the same plan but for the model. */
  readonly exact: ExperimentPlan;
  readonly converted: ExperimentPlan;
  readonly threads?: number | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly say: (line: string) => void;
}

/** One method on one benchmark, in both. */
export interface DriftCell {
  readonly cell: string;
  readonly n: number;
  readonly exactAccuracy: number;
  readonly convertedAccuracy: number;
  readonly mcnemarP: number | null;
  readonly verdict: string;
  /** Share of positions with the same token, up to the later end of text; null without a pair. */
  readonly agreement: number | null;
  readonly identical: number | null;
}

export interface PrecisionDrift {
  readonly exact: string;
  readonly converted: string;
  readonly bytes: { readonly exact: number; readonly converted: number };
  /** Of predictions on the same canvases, those of the exact model's own decodings; undefined if none was decoded. */
  readonly predictions: Divergence | undefined;
  readonly cells: readonly DriftCell[];
}

/**
 * What a precision changes: predictions on the same canvases, the tokens that each decodes by itself, and how many
 * answers are right. One model is open at a time.
 *
 * @throws UsageError for a model or data that will not do; InterruptedError
 */
export async function runPrecisionDrift(options: PrecisionDriftOptions): Promise<PrecisionDrift> {
  const exact = await decodeAll(options.exact, options, undefined);
  const converted = await decodeAll(options.converted, options, exact.canvases);
  const divergences = exact.logits.map((logits, i) => rowDivergence(logits, converted.logits[i]!));
  const cells = [...new Set(exact.rows.map(({ cell }) => cell))];
  const pairs = cells.map((cell) => ({
    cell,
    baseline: exact.rows.filter((row) => row.cell === cell),
    // Another cell, or it would be its own baseline.
    samples: converted.rows
      .filter((row) => row.cell === cell)
      .map((row) => ({ ...row, cell: `${cell} converted` })),
  }));
  const paired = pairedColumns(pairs);
  return {
    exact: exact.model,
    converted: converted.model,
    bytes: { exact: exact.bytes, converted: converted.bytes },
    predictions: summariseDivergence(divergences),
    cells: pairs.map(({ cell, samples, baseline }, i) => {
      const same = agreement(samples, new Map(baseline.map((row) => [row.sample, row])), exact.eosId);
      return {
        ...{ cell, n: samples.length },
        exactAccuracy: accuracy(baseline),
        convertedAccuracy: accuracy(samples),
        mcnemarP: paired[i]!.mcnemar_p,
        // The part behind it is on speed-ups, which nothing here measures.
        verdict: paired[i]!.verdict.split(';')[0]!,
        agreement: same?.positions ?? null,
        identical: same?.identical ?? null,
      };
    }),
  };
}

function accuracy(rows: readonly SampleRow[]): number {
  return rows.filter(isCorrect).length / rows.length;
}

/** Everything that one model gives. */
interface Decoded {
  readonly model: string;
  readonly bytes: number;
  readonly eosId: number;
  readonly rows: SampleRow[];
  /** Of the baseline's decodings by this model, or those that were given. */
  readonly canvases: SampledCanvas[];
  readonly logits: Float32Array[];
}

async function decodeAll(
  plan: ExperimentPlan,
  { threads, clock, signal, say }: PrecisionDriftOptions,
  given: SampledCanvas[] | undefined,
): Promise<Decoded> {
  const groups = await planGroups(plan);
  const model = await openModel(groups[0]!.model, threads);
  const { dimensions, totalBytes } = model.checkpoint;
  const python = createPythonRunner({ backend: pyodideBackend(), concurrency: 1 });
  const decoded: Decoded = {
    ...{ model: model.config.name, bytes: totalBytes, eosId: dimensions.eosId },
    ...{ rows: [], canvases: given ?? [], logits: [] },
  };
  await withEngines(model, 'cpu', 1, async ([loaded]) => {
    const work = [...interleaved(groups)];
    for (const [i, planned] of work.entries()) {
      if (signal?.aborted) throw new InterruptedError();
      say(`${model.config.name}: ${planned.cell.id}, sample ${i + 1} of ${work.length}`);
      const context = { python, clock, device: 'cpu' as const, shared: false };
      const { row, result } = await runSample(planned, {
        ...{ ...context, model: loaded },
        ...(signal === undefined ? {} : { signal }),
      });
      decoded.rows.push(row);
      const isBaseline = planned.cell.id === planned.cell.baseline;
      if (given === undefined && isBaseline && result !== undefined) {
        decoded.canvases.push(...canvasesOf(planned, loaded, row, result.tokens, result.steps));
      }
    }
    decoded.logits.push(...(await canvasLogits(loaded.engine, decoded.canvases, dimensions.vocabSize)));
  });
  return decoded;
}

function canvasesOf(
  { cell }: PlannedSample,
  { checkpoint }: LoadedModel,
  { promptTokens }: SampleRow,
  tokens: Int32Array,
  steps: Parameters<typeof sampleCanvases>[3],
): SampledCanvas[] {
  const { maskId, predictsNext } = checkpoint.dimensions;
  return sampleCanvases(
    tokens.subarray(0, promptTokens),
    cell.generation.genLength,
    maskId,
    steps,
    predictsNext,
  );
}
