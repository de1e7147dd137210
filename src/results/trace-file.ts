import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { MethodConfig } from '../config/method.js';
import type { TokenThresholds } from '../decoding/rule.js';
import type { Generation } from '../decoding/settings.js';
import type { TraceStep } from '../decoding/trace.js';
import { UsageError } from '../errors.js';
import { exists } from '../formats/files.js';

/** Raised when a reader of older traces would misread a new one. */
const traceSchema = 1;

const count = z.int().nonnegative();
const position = count;
const id = count;

const traceStep = z.strictObject({
  step: count,
  /** Positions are absolute, prompt included. */
  committed: z.array(z.tuple([position, id])),
  /** Of the committed tokens, in their order. */
  confidence: z.array(z.number()),
  /** Rows that all layers computed, as half-open ranges `[from, to)`; where layers differ, `layerRows` instead. */
  rows: z.array(z.tuple([position, position])).optional(),
  layerRows: z.array(z.array(position)).optional(),
  layerBudgets: z.array(count).optional(),
  layerMeans: z.array(z.number().nullable()).optional(),
  threshold: z.number().optional(),
  /** Thresholds of the tokens that were eligible, where the rule moves them. */
  thresholds: z.array(z.tuple([position, z.number()])).optional(),
});

/** A trace as files have it: the frame (prompt, settings) and the deltas, one a step. */
export const traceFile = z.strictObject({
  schema: z.literal(traceSchema),
  model: z.string(),
  method: z.string(),
  settings: z.json(),
  maskId: id,
  promptIds: z.array(id),
  steps: z.array(traceStep),
  /** Of a sample of a run: whose trace it is, and the text of every token in it. */
  cell: z.string().optional(),
  sample: z.string().optional(),
  texts: z.record(z.string(), z.string()).optional(),
});

export type TraceFile = z.infer<typeof traceFile>;
export type TraceFileStep = z.infer<typeof traceStep>;

/** What is traced: model, method, and the settings that decide the steps. */
export type TraceFrame = Pick<TraceFile, 'model' | 'method' | 'settings' | 'maskId'> &
  Partial<Pick<TraceFile, 'cell' | 'sample' | 'texts'>>;

/** The frame of a decoding with the settings of its method and canvas. */
export function traceFrame(decoding: {
  readonly model: string;
  readonly method: MethodConfig;
  readonly generation: Generation;
  readonly maskId: number;
}): TraceFrame {
  const { model, method, generation, maskId } = decoding;
  const { cache, unmask } = method;
  const settings = { method: { cache, unmask }, generation } as unknown as TraceFile['settings'];
  return { model, method: method.id, settings, maskId };
}

/** The trace of a decoding as one line of JSON. */
export function traceText(
  { model, method, settings, maskId, ...ofRun }: TraceFrame,
  promptIds: Int32Array,
  steps: readonly TraceStep[],
): string {
  const trace: TraceFile = {
    ...{ schema: traceSchema, model, method, settings, maskId },
    promptIds: [...promptIds],
    steps: steps.map(stepRecord),
    ...ofRun,
  };
  return `${JSON.stringify(trace)}\n`;
}

/** Where the trace of a sample lies in the folder of traces. */
export function tracePath(
  dir: string,
  { cell, sample }: { readonly cell: string; readonly sample: string },
): string {
  return join(dir, fileName(cell), `${fileName(sample)}.json`);
}

/** Characters that every file system takes, the end of the name included. */
const MOST_CHARACTERS = 200;

/** Ids hold slashes, and those of sweeps may be longer than a file's name. */
function fileName(id: string): string {
  const encoded = encodeURIComponent(id);
  if (encoded.length <= MOST_CHARACTERS) return encoded;
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 16);
  return `${encoded.slice(0, MOST_CHARACTERS - digest.length - 1)}-${digest}`;
}

/**
 * The traces in a folder of traces, by cell and sample; none if there is no such folder.
 * @throws UsageError `TRACE_INVALID`
 */
export async function readTraces(dir: string): Promise<TraceFile[]> {
  if (!(await exists(dir))) return [];
  const files = await readdir(dir, { recursive: true });
  const traces = files.filter((file) => file.endsWith('.json')).sort();
  return Promise.all(traces.map((file) => readTrace(join(dir, file))));
}

/** @throws UsageError `TRACE_INVALID` for a file that cannot be read or is no trace */
export async function readTrace(path: string): Promise<TraceFile> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is not JSON' : (error as NodeJS.ErrnoException).code;
    throw new UsageError('TRACE_INVALID', `${path}: no readable trace (${reason}); ${again}.`);
  }
  const parsed = traceFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path: field, message } = parsed.error.issues[0]!;
  throw new UsageError('TRACE_INVALID', `${path}: "${field.join('.')}": ${message}; ${again}.`);
}

const again = 'remove the file, or make it again with --traces';

/** Committed pairs as files have them: absolute position (prompt included) and id. */
export function committedPairs({ committed }: TraceStep): [position: number, id: number][] {
  return committed.map(({ position, id }) => [position, id]);
}

function stepRecord(trace: TraceStep): TraceFileStep {
  const { step, committed, rows, layerRows, layerBudgets, layerMeans, threshold, thresholds } = trace;
  return {
    step,
    committed: committedPairs(trace),
    confidence: committed.map((commit) => commit.confidence),
    ...(rows === undefined ? {} : { rows: ranges(rows) }),
    ...(layerRows === undefined ? {} : { layerRows: layerRows.map((chosen) => [...chosen]) }),
    ...(layerBudgets === undefined ? {} : { layerBudgets: [...layerBudgets] }),
    ...(layerMeans === undefined ? {} : { layerMeans: [...layerMeans] }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(thresholds === undefined ? {} : { thresholds: thresholdPairs(thresholds) }),
  };
}

function thresholdPairs({ positions, taus }: TokenThresholds): [position: number, tau: number][] {
  return Array.from(positions, (position, i) => [position, taus[i]!]);
}

/** Ascending rows as half-open ranges. */
export function ranges(rows: Iterable<number>): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (const row of [...rows].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last !== undefined && row <= last[1]) last[1] = Math.max(last[1], row + 1);
    else found.push([row, row + 1]);
  }
  return found;
}
