import type { SampleSetup } from '../../src/engine/types.js';
import { GuidanceOracle } from '../oracle/guidance.js';
import { argmax, type Row, softmax } from '../oracle/linear-algebra.js';
import type { RecordedPass, RecordingEngine } from '../oracle/recording-engine.js';
import { OracleStream } from '../oracle/stream.js';
import { UndecidedError } from '../oracle/top-rows.js';
import type { ModelWeights } from '../oracle/weights.js';
import { selectionFault } from './selection.js';

/**
 * Largest difference of a float32 logit to the float64 oracle's, for each 10 of the row's largest logit. Beyond
 * what is seen (2.5e-4 on the recorded Dream model, 6e-5 elsewhere), because processors round differently.
 */
const logitTolerance = 1e-3;

/** The same for probabilities; 7e-5 is seen. */
const probabilityTolerance = 1e-3;

/** The same for means of distances; 6e-7 is seen. */
const meanTolerance = 5e-6;

/** What a replay found: passes that agree, the first fault, or that rounding decided which rows were computed. */
export interface Replay {
  readonly passes: number;
  readonly fault?: string;
  readonly undecided?: true;
}

/**
 * Repeats every recorded pass of one sample on the oracle, which keeps its own stale state and takes only the
 * rows of the conditional stream from the record, and compares logits, predictions, means and choices. The state
 * is compared through the passes that follow. The engine must return logits.
 */
export function replayPasses(weights: ModelWeights, engine: RecordingEngine): Replay {
  const setup = engine.setup!;
  const { spec, length } = setup;
  const conditional = new OracleStream(weights, length, spec.rows);
  const guided = spec.guidance || spec.residualGuidance;
  const guidance = guided ? new GuidanceOracle(weights, setup) : undefined;
  for (const [n, pass] of engine.passes.entries()) {
    const { request, result } = pass;
    const stream = conditional.pass(request.tokens, request.plan, (layer) => result.layerRows![layer]!);
    const rowFault = n === 0 ? undefined : choiceFault(pass, stream.distances);
    if (rowFault !== undefined) return { passes: n, fault: `pass ${n}, ${rowFault}` };
    try {
      const logits = guidance?.guide(request, stream.logits) ?? stream.logits;
      const fault = predictionFault(pass, logits, setup);
      if (fault !== undefined) return { passes: n, fault: `pass ${n}, ${fault}` };
    } catch (error) {
      if (error instanceof UndecidedError) return { passes: n, undecided: true };
      throw error;
    }
  }
  return { passes: engine.passes.length };
}

/** What is wrong with the rows and means of an adaptive pass, given the true `[layers][length]` distances. */
function choiceFault({ request, result }: RecordedPass, distances: readonly number[][]): string | undefined {
  const { plan } = request;
  if (plan.kind !== 'adaptive') return undefined;
  for (const [layer, moved] of distances.entries()) {
    const known = plan.referenceKnown === false ? moved.map(() => 0) : moved;
    const counted = known.filter((_, i) => plan.scope[i] === 1);
    const mean = counted.reduce((a, b) => a + b, 0) / counted.length;
    const ours = result.layerMeans![layer]!;
    if (!(Math.abs(ours - mean) < meanTolerance)) return `layer ${layer}: mean ${ours} instead of ${mean}`;
    const fault = selectionFault(plan, layer, result.layerRows![layer]!, known);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** What is wrong with the logits of the head rows, and with what the engine's head made of them. */
function predictionFault(
  { request, result }: RecordedPass,
  logits: ReadonlyMap<number, Row>,
  { spec, guidanceScale = 0 }: SampleSetup,
): string | undefined {
  for (const [i, row] of request.headRows.entries()) {
    const theirs = logits.get(row);
    if (theirs === undefined) return `row ${row} was predicted and not computed`;
    const ours = result.logits!.subarray(i * theirs.length, (i + 1) * theirs.length);
    const error = theirs.reduce((max, z, id) => Math.max(max, Math.abs(z - ours[id]!)), 0);
    const largest = theirs.reduce((max, z) => Math.max(max, Math.abs(z)), 10);
    // A guided logit is (w + 1) z_c - w z_u.
    const tolerance = (logitTolerance * largest * (1 + 2 * guidanceScale)) / 10;
    if (!(error < tolerance)) return `row ${row}: a logit is ${error} off (at most ${tolerance})`;
    if (spec.sampling || spec.nucleus) continue;
    const best = result.best[i]!;
    if (theirs[best]! < theirs[argmax(theirs)]! - 2 * tolerance) return `row ${row}: id ${best} is not best`;
    const [p1, p2] = [...softmax(theirs)].sort((a, b) => b - a);
    const off = Math.max(Math.abs(p1! - result.p1[i]!), Math.abs(p2! - result.p2[i]!));
    if (!(off < probabilityTolerance)) return `row ${row}: a probability is ${off} off`;
  }
  return undefined;
}
