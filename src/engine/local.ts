import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { GraphModel } from '../graph/layers.js';
import { layerRowsName, newRowsName } from '../graph/names.js';
import type { StepGraphSpec } from '../graph/spec.js';
import { gumbelNoise } from './noise.js';
import { type Feeds, type SessionOptions, SessionPool } from './ort-session.js';
import { ShiftMemory } from './shift-memory.js';
import { HostState, streamsOf } from './state.js';
import { bool, float32, floatScalar, int32, int64, positions } from './tensors.js';
import type { AdaptivePlan, SampleSetup, StepEngine, StepRequest, StepResult, UniformPlan } from './types.js';

/** Stands for -inf in biases: infinities would give NaN where two of them meet. */
const minusInfinity = -1e30;

interface Sample {
  readonly setup: SampleSetup;
  readonly session: InferenceSession;
  readonly state: HostState;
  readonly shift: ShiftMemory | undefined;
  /** Inputs that do not change during the sample. */
  readonly constants: Feeds;
}

/**
 * The engine on onnxruntime's CPU provider, in the calling thread. `session.run` blocks the event loop, so
 * the CLI uses it through a worker (`remote.ts`).
 */
export class LocalEngine implements StepEngine {
  readonly device = 'cpu';
  readonly #model: GraphModel;
  readonly #sessions: SessionPool;
  #sample: Sample | undefined;

  constructor(options: SessionOptions) {
    this.#model = options.model;
    this.#sessions = new SessionPool(options);
  }

  get layers(): number {
    return this.#model.layers;
  }

  async begin(setup: SampleSetup): Promise<void> {
    this.#sample = undefined;
    const session = await this.#sessions.get(setup.spec);
    this.#sample = {
      setup,
      session,
      state: new HostState(this.#model, setup.spec, setup.length),
      shift: setup.spec.shift ? new ShiftMemory(this.#model.vocabSize) : undefined,
      constants: this.#constants(setup),
    };
  }

  #constants({ spec, guidanceScale, sampling, tokenBias }: SampleSetup): Feeds {
    const feeds: Feeds = {};
    if (spec.guidance) feeds.guidance_scale = floatScalar(guidanceScale ?? 0);
    if (spec.sampling) feeds.temperature = floatScalar(sampling?.temperature ?? 0);
    if (spec.tokenBias) {
      feeds.argmax_bias = this.#bias(tokenBias?.argmax ?? []);
      feeds.softmax_bias = this.#bias(tokenBias?.softmax ?? []);
    }
    return feeds;
  }

  #bias(ids: readonly number[]): Tensor {
    const bias = new Float32Array(this.#model.vocabSize);
    for (const id of ids) bias[id] = minusInfinity;
    return float32(bias, [bias.length]);
  }

  async step(request: StepRequest): Promise<StepResult> {
    const sample = this.#sample;
    if (sample === undefined) throw new Error('step() before begin()');
    const { setup, session, state, shift } = sample;
    const { plan } = request;

    // The head needs one row at least; a pass that commits nothing still runs for its side effects on the caches.
    const wanted = request.headRows.length;
    const headRows =
      wanted > 0 ? request.headRows : Int32Array.of(plan.kind === 'uniform' ? plan.rows[0]! : 0);
    const feeds: Feeds = { ...sample.constants };
    for (const [name, data, dims] of state.entries()) feeds[name] = float32(data, dims);
    const fetches = ['best', 'p1', 'p2'];
    if (plan.kind === 'uniform') this.#uniformFeeds(feeds, fetches, setup.spec, request, plan, headRows);
    else this.#adaptiveFeeds(feeds, fetches, setup.spec, request, plan, headRows);

    if (setup.spec.sampling) {
      const { seed } = setup.sampling ?? { seed: '' };
      const vocab = this.#model.vocabSize;
      feeds.noise = float32(gumbelNoise(seed, request.pass, headRows, vocab), [headRows.length, vocab]);
    }
    const previous = shift?.feeds(headRows);
    if (previous !== undefined) {
      feeds.previous = previous.previous;
      feeds.previous_index = int32(previous.index);
      fetches.push('shift', 'distribution');
    }
    if (setup.spec.logits) fetches.push('logits');

    const out = await session.run(feeds, fetches);
    const float = (name: string) => out[name]!.data as Float32Array;
    if (shift !== undefined) shift.keep(headRows, float('distribution'));
    const layerRows = plan.kind === 'uniform' ? undefined : this.#layerRows(out);
    this.#writeBack(state, setup.spec, plan, out, layerRows);
    return {
      best: (out.best!.data as Int32Array).slice(0, wanted),
      p1: (out.p1!.data as unknown as Float64Array).slice(0, wanted),
      p2: (out.p2!.data as unknown as Float64Array).slice(0, wanted),
      ...(previous === undefined ? {} : { shift: knownOnly(float('shift'), previous.known, wanted) }),
      ...(setup.spec.logits ? { logits: float('logits').slice(0, wanted * this.#model.vocabSize) } : {}),
      ...(layerRows === undefined
        ? {}
        : { layerRows, layerMeans: Float64Array.from(out.means!.data as never) }),
    };
  }

  #uniformFeeds(
    feeds: Feeds,
    fetches: string[],
    spec: StepGraphSpec,
    request: StepRequest,
    plan: UniformPlan,
    headRows: Int32Array,
  ): void {
    const indexOf = new Map(Array.from(plan.rows, (row, i) => [row, i]));
    feeds.rows = positions(plan.rows);
    feeds.head_rows = int32(Int32Array.from(headRows, (row) => indexOf.get(row) ?? missingRow(row)));
    for (const prefix of streamsOf(spec)) {
      const tokens = tokensOf(request, prefix);
      feeds[`${prefix}ids`] = int32(Int32Array.from(plan.rows, (row) => tokens[row]!));
      if (plan.store === 'none') continue;
      for (let l = 0; l < this.#model.layers; l++) {
        fetches.push(newRowsName(prefix, 'k', l), newRowsName(prefix, 'v', l));
      }
    }
  }

  #adaptiveFeeds(
    feeds: Feeds,
    fetches: string[],
    spec: StepGraphSpec,
    request: StepRequest,
    plan: AdaptivePlan,
    headRows: Int32Array,
  ): void {
    const length = request.tokens.length;
    if (spec.rows.kind !== 'adaptive') throw new Error('adaptive plan for a graph of uniform rows');
    feeds.head_rows = int32(headRows);
    feeds.mandatory = bool(plan.mandatory, [this.#model.layers, length]);
    feeds.candidates = bool(plan.candidates, [length]);
    feeds.scope = float32(Float32Array.from(plan.scope), [length]);
    feeds.budgets = int64(plan.budgets);
    if (spec.rows.valueRows === 'listed') {
      if (plan.valueRows === undefined) throw new Error('plan without valueRows');
      feeds['value_rows.first'] = positions(plan.valueRows.first);
      feeds.value_rows = positions(plan.valueRows.others);
    }
    if (spec.rows.storeRaw && spec.rows.feature === 'layer-input') {
      feeds.reference_known = floatScalar(plan.referenceKnown === false ? 0 : 1);
      feeds.store_raw = bool(plan.storeRaw ?? new Uint8Array(this.#model.layers), [this.#model.layers]);
    }
    fetches.push('means');
    for (const prefix of streamsOf(spec)) {
      feeds[`${prefix}ids`] = int32(tokensOf(request, prefix));
      for (let l = 0; l < this.#model.layers; l++) {
        fetches.push(layerRowsName(prefix, l));
        for (const kind of ['k', 'v', 'a', 'f'] as const) fetches.push(newRowsName(prefix, kind, l));
        if (spec.rows.feature === 'layer-input') fetches.push(newRowsName(prefix, 'x', l));
      }
    }
  }

  #layerRows(out: InferenceSession.OnnxValueMapType): Int32Array[] {
    return Array.from({ length: this.#model.layers }, (_, l) => {
      return Int32Array.from(out[layerRowsName('', l)]!.data as BigInt64Array, Number);
    });
  }

  /** Puts the fresh rows of this pass into the caches. */
  #writeBack(
    state: HostState,
    spec: StepGraphSpec,
    plan: UniformPlan | AdaptivePlan,
    out: InferenceSession.OnnxValueMapType,
    layerRows: Int32Array[] | undefined,
  ): void {
    for (const prefix of streamsOf(spec)) {
      for (let l = 0; l < this.#model.layers; l++) {
        const fresh = (kind: 'k' | 'v' | 'a' | 'f' | 'x') =>
          out[newRowsName(prefix, kind, l)]!.data as Float32Array;
        const put = (kind: 'k' | 'v' | 'a' | 'f' | 'x', rows: ArrayLike<number | bigint>) =>
          state.writeRows(`${prefix}${kind}.${l}`, rows, fresh(kind));
        if (plan.kind === 'uniform') {
          if (plan.store === 'none') continue;
          for (const kind of ['k', 'v'] as const)
            writeStored(state, `${prefix}${kind}.${l}`, plan, fresh(kind));
          continue;
        }
        if (spec.rows.kind !== 'adaptive' || layerRows === undefined) continue;
        const rows = prefix === '' ? layerRows[l]! : (out[layerRowsName(prefix, l)]!.data as BigInt64Array);
        put('k', rows);
        put('a', rows);
        put('f', rows);
        put(
          'v',
          spec.rows.valueRows === 'selected'
            ? rows
            : l === 0
              ? plan.valueRows!.first
              : plan.valueRows!.others,
        );
        if (spec.rows.feature !== 'layer-input') continue;
        if (spec.rows.featureUpdate === 'all') state.replace(`${prefix}x.${l}`, fresh('x'));
        else put('x', rows);
      }
    }
  }

  async memoryBytes(): Promise<number> {
    return process.memoryUsage().rss;
  }

  async close(): Promise<void> {
    this.#sample = undefined;
    await this.#sessions.close();
  }
}

function tokensOf(request: StepRequest, prefix: '' | 'u.'): Int32Array {
  if (prefix === '') return request.tokens;
  if (request.unconditionalTokens === undefined) throw new Error('guidance without unconditional tokens');
  return request.unconditionalTokens;
}

function missingRow(row: number): never {
  throw new Error(`head row ${row} is not among the computed rows`);
}

/** Writes those fresh rows of a uniform pass that the plan wants stored. */
function writeStored(state: HostState, name: string, plan: UniformPlan, fresh: Float32Array): void {
  if (plan.store === 'none') return;
  if (plan.store === 'all') {
    state.writeRows(name, plan.rows, fresh);
    return;
  }
  const width = fresh.length / plan.rows.length;
  const indexOf = new Map(Array.from(plan.rows, (row, i) => [row, i]));
  for (const row of plan.store) {
    const i = indexOf.get(row) ?? missingRow(row);
    state.writeRows(name, [row], fresh.subarray(i * width, (i + 1) * width));
  }
}

/** NaN where a row had no distribution in the previous pass. */
function knownOnly(shift: Float32Array, known: boolean[], wanted: number): Float64Array {
  return Float64Array.from({ length: wanted }, (_, i) => (known[i] ? shift[i]! : Number.NaN));
}
