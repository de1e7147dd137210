import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { GenerationConfig } from '../config/generation-config.js';
import type { TraceStep } from '../decoding/trace.js';
import { UsageError } from '../errors.js';

/** Raised when a reader of older traces would misread a new one. */
const traceSchema = 1;

/** Committed pairs as files have them: absolute position (prompt included) and id. */
export function committedPairs({ committed }: TraceStep): [position: number, id: number][] {
  return committed.map(({ position, id }) => [position, id]);
}

/**
 * Says early, before the work, that a file could not be written.
 *
 * @throws UsageError `TRACE_FILE`
 */
export function refuseUnwritable(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
    if (!existsSync(path)) return;
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
  if (statSync(path).isDirectory()) {
    throw new UsageError('TRACE_FILE', `--trace ${path}: this is a folder; name a file.`);
  }
}

/**
 * Writes a trace as JSON: the frame (prompt, settings) and the deltas (what every step made visible, and which
 * rows it computed).
 */
export function writeTrace(
  path: string,
  { model, method, generation }: GenerationConfig,
  promptIds: Int32Array,
  maskId: number,
  steps: readonly TraceStep[],
): void {
  const { cache, unmask } = method;
  const trace = {
    schema: traceSchema,
    model: model.id,
    method: method.id,
    settings: { method: { cache, unmask }, generation },
    maskId,
    promptIds: [...promptIds],
    steps: steps.map(stepRecord),
  };
  try {
    writeFileSync(path, `${JSON.stringify(trace)}\n`);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  const problem = code === 'ENOENT' ? 'there is no such folder' : `cannot be written (${code})`;
  return new UsageError('TRACE_FILE', `--trace ${path}: ${problem}.`);
}

function stepRecord(trace: TraceStep): Record<string, unknown> {
  const { step, committed, layerRows, layerBudgets, layerMeans, threshold } = trace;
  return {
    step,
    committed: committedPairs(trace),
    confidence: committed.map((commit) => commit.confidence),
    ...(layerRows === undefined ? {} : { layerRows: layerRows.map((rows) => [...rows]) }),
    ...(layerBudgets === undefined ? {} : { layerBudgets: [...layerBudgets] }),
    ...(layerMeans === undefined ? {} : { layerMeans: [...layerMeans] }),
    ...(threshold === undefined ? {} : { threshold }),
  };
}
