import { replay, type TraceStep } from '../../decoding/trace.js';
import type { StepEngine } from '../../engine/types.js';
import { plainSpec } from '../../graph/spec.js';

/** A canvas on the way of a decoding, and the rows of it whose predictions are compared. */
export interface SampledCanvas {
  /** `[length]`. */
  readonly tokens: Int32Array;
  /** Rows that predict masked positions, ascending. */
  readonly headRows: Int32Array;
}

const CANVASES = 8;
const ROWS = 8;

/**
 * Canvases of a decoding, evenly spaced over its passes: the canvas before each, and of its masked positions some
 * that are evenly spaced.
 *
 * @param predictsNext Whether the row before a position predicts it (Dream).
 */
export function sampleCanvases(
  promptIds: Int32Array,
  genLength: number,
  maskId: number,
  steps: readonly TraceStep[],
  predictsNext: boolean,
): SampledCanvas[] {
  return spread(steps.length, CANVASES).map((pass) => {
    const tokens = replay(promptIds, genLength, maskId, steps.slice(0, pass));
    const masked = [...tokens.keys()].filter((i) => tokens[i] === maskId);
    const rows = spread(masked.length, ROWS).map((i) => masked[i]!);
    return { tokens, headRows: Int32Array.from(rows, (row) => (predictsNext ? Math.max(0, row - 1) : row)) };
  });
}

/** At most `count` of the numbers below `n`, evenly spaced, the first among them. */
function spread(n: number, count: number): number[] {
  const taken = Math.min(n, count);
  return Array.from({ length: taken }, (_, i) => Math.floor((i * n) / taken));
}

/** Logits `[vocab]` of each row of each canvas, by a full pass. */
export async function canvasLogits(
  engine: StepEngine,
  canvases: readonly SampledCanvas[],
  vocab: number,
): Promise<Float32Array[]> {
  const found: Float32Array[] = [];
  for (const { tokens, headRows } of canvases) {
    if (headRows.length === 0) continue;
    await engine.begin({ spec: { ...plainSpec, logits: true }, length: tokens.length });
    const rows = Int32Array.from(tokens.keys());
    const plan = { kind: 'uniform', rows, store: 'none' } as const;
    const { logits } = await engine.step({ tokens, headRows, plan, pass: 0 });
    for (let i = 0; i < headRows.length; i++) found.push(logits!.slice(i * vocab, (i + 1) * vocab));
  }
  return found;
}
