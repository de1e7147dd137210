/** What the mathematics of a model depends on, read from its config.json. Sizes in elements. */
export interface ModelDimensions {
  readonly family: 'llada' | 'dream';
  readonly dModel: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly ffnDim: number;
  /** Width of the logits and rows of the embedding; may exceed the tokenizer's vocabulary. */
  readonly vocabSize: number;
  readonly ropeTheta: number;
  readonly rmsEps: number;
  /** Whether the q, k and v projections have a bias. */
  readonly qkvBias: boolean;
  /** Whether row j of the logits predicts position j + 1, as in models adapted from an autoregressive one. */
  readonly predictsNext: boolean;
  /** Positions of config.json, in tokens; the longest canvas that a model was made for: `contextLength`. */
  readonly maxSequenceLength: number;
  readonly maskId: number;
  readonly eosId: number;
  /** End of turn, where the tokenizer has such a token. */
  readonly eotId?: number;
  /** Start of text, where the tokenizer has such a token. */
  readonly bosId?: number;
}

export type WeightRole =
  | 'embedding'
  | 'attnNorm'
  | 'q'
  | 'qBias'
  | 'k'
  | 'kBias'
  | 'v'
  | 'vBias'
  | 'attnOut'
  | 'ffNorm'
  | 'gate'
  | 'up'
  | 'down'
  | 'finalNorm'
  | 'head';

/** One tensor that a model needs. */
export interface WeightSpec {
  readonly role: WeightRole;
  /** Absent for embedding, final norm and head. */
  readonly layer?: number;
  /** Its name in the checkpoint. */
  readonly name: string;
  /** Linear layers are `[out, in]`. */
  readonly shape: readonly number[];
}
