/**
 * How the graphs of one adapter are written: its limits, and what a trial on it has shown to be right
 * (`engine/webgpu/abilities.ts`).
 */
export interface DeviceTarget {
  /**
   * `fused` = onnxruntime's MultiHeadAttention; `decomposed` = products and a softmax, right everywhere but with
   * scores in memory.
   */
  readonly attention: 'fused' | 'decomposed';
  /** What the linear layers multiply in; everything else is float32. */
  readonly weights: 'float32' | 'float16';
  /** Where ids become embedding rows: in the graph, or on the host because the table is larger than a buffer. */
  readonly embedding: 'graph' | 'host';
  /** Largest part of a buffer that a shader can see, in bytes; larger weights are split by output rows. */
  readonly bindingBytes: number;
  /** Groups of KV heads whose decomposed attention is computed one after the other; divides their number. */
  readonly attentionChunks: number;
}
