import type { InferenceSession } from 'onnxruntime-node';
import type { StepRequest, StepResult } from './types.js';

export type Outputs = InferenceSession.OnnxValueMapType;

/** What is known of the rows of a pass afterwards. */
export type RowChoice = Pick<
  StepResult,
  'layerRows' | 'unconditionalLayerRows' | 'leftOut' | 'layerMeans' | 'distances' | 'probe'
>;

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
