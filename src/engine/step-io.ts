import type { InferenceSession } from 'onnxruntime-node';
import type { StepGraphSpec } from '../graph/spec.js';
import type { Feeds } from './ort-session.js';
import type { HostState } from './state.js';
import type { RowPlan, StepRequest, StepResult } from './types.js';

export type Outputs = InferenceSession.OnnxValueMapType;

/** What the layers of a pass chose, where they choose. */
export type RowChoice = Pick<
  StepResult,
  'layerRows' | 'unconditionalLayerRows' | 'layerMeans' | 'distances' | 'probe'
>;

/** How one family of rows (uniform, adaptive) talks to its graph. `P` is its kind of plan. */
export interface StepIo<P extends RowPlan> {
  /** Adds the family's inputs to `feeds` and the outputs that it wants to `fetches`. */
  prepare(
    spec: StepGraphSpec,
    request: StepRequest,
    plan: P,
    headRows: Int32Array,
    feeds: Feeds,
    fetches: string[],
  ): void;
  /** Puts the fresh rows into the caches and returns what the policy wants to know. */
  finish(spec: StepGraphSpec, plan: P, out: Outputs, state: HostState): RowChoice;
}

/** The canvas of a stream: the conditional or the unconditional one. */
export function tokensOf(request: StepRequest, prefix: '' | 'u.'): Int32Array {
  if (prefix === '') return request.tokens;
  if (request.unconditionalTokens === undefined) throw new Error('guidance without unconditional tokens');
  return request.unconditionalTokens;
}

export function floatData(out: Outputs, name: string): Float32Array {
  const data = out[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`no float output ${name}`);
  return data;
}
