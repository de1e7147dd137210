import type { Saving } from './savings.js';

/**
 * What a step graph must contain. Two runs with the same spec share one session.
 *
 * *Uniform rows*: the host gives one list of rows for all layers; state = K and V of every layer.
 * *Adaptive rows*: every layer chooses its own rows in the graph, from a distance between a feature now and
 * the same feature before; state = K, V, attention output, FFN output and that feature, of every layer.
 */
export type RowFamily =
  | {
      readonly kind: 'uniform';
      /** False = every pass computes all rows and reads no cache. Default true. */
      readonly cached?: boolean;
    }
  | {
      readonly kind: 'adaptive';
      /** What is compared between passes: the normalised layer input (paper, eq. 4), the value projection, or nothing. */
      readonly feature: 'layer-input' | 'value' | 'none';
      /** Rows whose V is recomputed: the chosen ones (paper) or a list given by the host (V-verify). */
      readonly valueRows: 'selected' | 'listed';
      /** Rows whose stored feature is replaced by this pass. */
      readonly featureUpdate: 'all' | 'selected';
      /** Whether the host may ask for the raw instead of the normalised layer input to be stored. */
      readonly storeRaw: boolean;
      /** Whether a layer may end up with no row at all; costs some small operations per layer. */
      readonly guardEmpty: boolean;
      /** Whether layer 0 computes all rows in every pass, rather than the chosen ones. Default false. */
      readonly completeFirstLayer?: boolean;
    };

/**
 * What a study may read of every layer of a uniform pass: the layer input as the next layer's attention takes it
 * (normalised; what DCU compares) and raw, K (rotated; a position's rotation changes no angle between passes), V,
 * the outputs of attention and FFN before they are added to the input, and the attention weights, mean over heads.
 */
export const probeKinds = [
  'input',
  'raw-input',
  'key',
  'value',
  'attention',
  'ffn',
  'attention-weights',
] as const;
export type ProbeKind = (typeof probeKinds)[number];

export interface StepGraphSpec {
  readonly rows: RowFamily;
  /** Tensors of all layers that come out, float32; uniform rows only. For studies, empty in a normal run. */
  readonly probe: readonly ProbeKind[];
  /** Return the logits of the head rows, `[headRows, vocab]`. For conformance and drift, never in a normal run. */
  readonly logits: boolean;
  /** Return the distances by which an adaptive graph ranked rows, `[layers, length]`. For conformance. */
  readonly distances: boolean;
  /** Return 1 - cosine of a row's distribution with the one of its previous pass (paper, eq. 10). */
  readonly shift: boolean;
  /** Return the negative entropy of the head rows' distributions. */
  readonly entropy: boolean;
  /** Classifier-free guidance: a second stream over the masked prompt, combined with the first. */
  readonly guidance: boolean;
  /** Guidance from a difference of the two streams that the host keeps, fresh or from an earlier pass. */
  readonly residualGuidance: boolean;
  /** Add host-given noise to the logits before the argmax (Gumbel sampling at a temperature). */
  readonly sampling: boolean;
  /** Scale the logits and keep the likeliest tokens only (temperature, top-k, top-p of Dream's sampler). */
  readonly nucleus: boolean;
  /** Add host-given biases to the logits, before the argmax and before the softmax (LLaDA's EOS options). */
  readonly tokenBias: boolean;
  /** Work to leave out that changes no prediction. A graph for a GPU leaves nothing out. */
  readonly savings: readonly Saving[];
}

/** Uniform rows and nothing optional: what `vanilla` needs. */
export const plainSpec: StepGraphSpec = {
  rows: { kind: 'uniform' },
  probe: [],
  logits: false,
  distances: false,
  shift: false,
  entropy: false,
  guidance: false,
  residualGuidance: false,
  sampling: false,
  nucleus: false,
  tokenBias: false,
  savings: [],
};

/** A key that is equal for specs that can share a session. */
export function specKey(spec: StepGraphSpec): string {
  const { rows } = spec;
  const family =
    rows.kind === 'uniform'
      ? `uniform${readsCaches(rows) ? '' : '.uncached'}`
      : [
          'adaptive',
          rows.feature,
          rows.valueRows,
          rows.featureUpdate,
          rows.storeRaw ? 'raw' : '',
          rows.guardEmpty ? 'guarded' : '',
        ].join('.');
  const parts = (
    [
      'logits',
      'distances',
      'shift',
      'entropy',
      'guidance',
      'residualGuidance',
      'sampling',
      'nucleus',
      'tokenBias',
    ] as const
  ).filter((p) => spec[p]);
  const probes = probeKinds.filter((kind) => spec.probe.includes(kind)).map((kind) => `probe.${kind}`);
  const saved = graphSavings(spec).map((saving) => `saves.${saving}`);
  return [family, ...parts, ...probes, ...saved].join('+');
}

/** Whether passes read K and V that earlier ones stored. */
export function readsCaches(rows: RowFamily): boolean {
  return rows.kind === 'adaptive' || rows.cached !== false;
}

/** Whether rows of the next block wait for the head until their block begins, see `lazy-head.ts`. */
export function hasLazyHead(spec: StepGraphSpec): boolean {
  return graphSavings(spec).includes('lazy-head');
}

/** Those of a spec's savings that change its graph on the processor. */
export function graphSavings(spec: StepGraphSpec): Saving[] {
  const { rows, probe, savings } = spec;
  const possible: Saving[] = [];
  const { shift, sampling, residualGuidance } = spec;
  if (shift && !sampling && !residualGuidance && !spec.logits) possible.push('lazy-head');
  // A study reads the tensors of all rows.
  if (rows.kind === 'uniform' && probe.length === 0) possible.push('last-layer');
  const complete = rows.kind === 'uniform' ? !readsCaches(rows) : rows.completeFirstLayer === true;
  if (complete && probe.length === 0) possible.push('first-layer');
  // The distance of an unchanged row is 0 only where its feature of the pass before is what it is compared with.
  const adjacent = rows.kind === 'adaptive' && rows.featureUpdate === 'all' && !rows.storeRaw;
  if (adjacent && rows.feature === 'layer-input') possible.push('unchanged-rows');
  return possible.filter((saving) => savings.includes(saving));
}
