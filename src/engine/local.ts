import type { InferenceSession } from 'onnxruntime-node';
import type { GraphModel } from '../graph/layers.js';
import { hasLazyHead, plainSpec, type StepGraphSpec } from '../graph/spec.js';
import { monotonicClock } from '../measure/clock.js';
import { CounterRng } from '../stats/rng.js';
import { type Active, ActiveRows } from './active-rows.js';
import { AdaptiveIo, passSpec } from './adaptive-io.js';
import type { HostStateDevice } from './device.js';
import { keepsFirstLayer } from './first-layer-io.js';
import { LazyHeadMemory } from './lazy-head.js';
import { gumbelNoise } from './noise.js';
import { type Feeds, type SessionOptions, SessionPool } from './ort-session.js';
import { ResidualGuidance } from './residual-guidance.js';
import { fromFirst, localIndices } from './rows-index.js';
import { sampleConstants } from './sample-constants.js';
import { ShiftMemory } from './shift-memory.js';
import { HostState } from './state.js';
import { floatData } from './step-io.js';
import { float32, int32 } from './tensors.js';
import type { RowPlan, SampleSetup, StepEngine, StepRequest, StepResult } from './types.js';
import { UniformIo } from './uniform-io.js';

interface Sample {
  readonly setup: SampleSetup;
  readonly state: HostState;
  readonly active: ActiveRows;
  readonly shift: ShiftMemory | undefined;
  readonly lazyHead: LazyHeadMemory | undefined;
  readonly noise: CounterRng | undefined;
  readonly residual: ResidualGuidance | undefined;
  /** Inputs that do not change during the sample. */
  readonly constants: Feeds;
}

/**
 * The engine with all state on the host, in the calling thread: on onnxruntime's CPU provider, or its CUDA one, which
 * gives JavaScript no tensors on the device. `session.run` blocks the event loop, so the CLI uses it through a worker
 * (`remote.ts`).
 */
export class LocalEngine implements StepEngine {
  readonly device: HostStateDevice;
  readonly facts = { attention: 'fused', weights: 'float32' };
  readonly #model: GraphModel;
  readonly #sessions: SessionPool;
  readonly #uniform: UniformIo;
  readonly #adaptive: AdaptiveIo;
  #sample: Sample | undefined;
  #runMs = 0;

  constructor(options: SessionOptions) {
    this.device = options.device ?? 'cpu';
    this.#model = options.model;
    this.#sessions = new SessionPool(options);
    this.#uniform = new UniformIo(options.model.layers);
    this.#adaptive = new AdaptiveIo(options.model.layers);
  }

  get layers(): number {
    return this.#model.layers;
  }

  async begin(wanted: SampleSetup): Promise<void> {
    const setup = { ...wanted, spec: this.#possible(wanted.spec) };
    const { spec } = setup;
    this.#sample = undefined;
    // A checkpoint that cannot be loaded is an error of begin, not of the first pass.
    await this.#sessions.get(spec);
    this.#sample = this.#start(setup);
  }

  /** Of a single layer, which is the last one as well, nothing is kept. */
  #possible(spec: StepGraphSpec): StepGraphSpec {
    if (this.#model.layers > 1) return spec;
    return { ...spec, savings: spec.savings.filter((saving) => saving !== 'first-layer') };
  }

  #start(setup: SampleSetup): Sample {
    const { spec, length } = setup;
    return {
      setup,
      state: new HostState(this.#model, spec, length),
      active: new ActiveRows(spec),
      residual: spec.residualGuidance ? this.#startResidual(setup) : undefined,
      shift: spec.shift ? new ShiftMemory(this.#model.vocabSize) : undefined,
      lazyHead: hasLazyHead(spec) ? new LazyHeadMemory(this.#model, spec) : undefined,
      noise: spec.sampling ? new CounterRng(setup.sampling?.seed ?? '') : undefined,
      constants: sampleConstants(this.#model, setup),
    };
  }

  /** The unconditional stream of a sample has a state of its own and is asked for logits only. */
  #startResidual(setup: SampleSetup): ResidualGuidance {
    const spec = { ...plainSpec, rows: setup.spec.rows, logits: true, savings: setup.spec.savings };
    const stream = this.#start({ spec, length: setup.length });
    return new ResidualGuidance(this.#model.vocabSize, (request) => this.#pass(stream, request));
  }

  async step(request: StepRequest): Promise<StepResult> {
    if (this.#sample === undefined) throw new Error('step() before begin()');
    return this.#pass(this.#sample, request);
  }

  async #pass(sample: Sample, request: StepRequest): Promise<StepResult> {
    const { setup, state, shift, lazyHead, noise, residual } = sample;
    const { spec } = setup;
    const { plan } = request;
    const session = await this.#sessionFor(setup, plan);
    const vocab = this.#model.vocabSize;

    // The head needs one row at least; a pass that predicts nothing still runs for its effect on the caches.
    const wanted = request.headRows.length;
    const follows = plan.kind === 'adaptive' || keepsFirstLayer(spec);
    const active = follows ? sample.active.next(plan, request) : undefined;
    const standIn = plan.kind === 'uniform' ? plan.rows[0]! : active!.first;
    const headRows = wanted > 0 ? request.headRows : Int32Array.of(standIn);
    const feeds: Feeds = { ...sample.constants };
    state.addTo(feeds, active?.first);
    const fetches = ['best', 'p1', 'p2'];
    if (plan.kind === 'uniform') this.#uniform.prepare(spec, request, plan, active, headRows, feeds, fetches);
    else this.#adaptive.prepare(spec, request, plan, active!, headRows, feeds, fetches);
    if (noise !== undefined) {
      feeds.noise = float32(gumbelNoise(noise, request.pass, headRows, vocab), [headRows.length, vocab]);
    }
    const earlier = lazyHead?.prepare(request, rowsIn(plan, active), feeds, fetches);
    const laterCount = lazyHead === undefined ? 0 : (request.laterRows?.length ?? 0);
    const previous = shift?.feeds(headRows, earlier);
    if (previous !== undefined) {
      feeds.previous = previous.previous;
      feeds.previous_index = int32(previous.index);
      fetches.push('shift', 'distribution');
    }
    const guidance = await residual?.prepare(request, headRows);
    if (guidance !== undefined) {
      Object.assign(feeds, guidance.feeds);
      fetches.push('residual');
    }
    if (spec.entropy) fetches.push('entropy');
    if (spec.logits) fetches.push('logits');

    const started = monotonicClock();
    const out = await session.run(feeds, fetches);
    this.#runMs += monotonicClock() - started;
    shift?.keep(headRows, floatData(out, 'distribution'));
    lazyHead?.keep(request, out);
    residual?.keep(request, headRows, out);
    const chosen =
      plan.kind === 'uniform'
        ? this.#uniform.finish(spec, plan, active, headRows.length + laterCount, out, state)
        : this.#adaptive.finish(spec, plan, active!, out, state);
    state.releaseSpent();
    return {
      best: (out.best!.data as Int32Array).slice(0, wanted),
      p1: (out.p1!.data as unknown as Float64Array).slice(0, wanted),
      p2: (out.p2!.data as unknown as Float64Array).slice(0, wanted),
      ...(previous === undefined
        ? {}
        : { shift: knownOnly(floatData(out, 'shift'), previous.known, wanted) }),
      ...(spec.entropy ? { entropy: (out.entropy!.data as unknown as Float64Array).slice(0, wanted) } : {}),
      ...(spec.logits ? { logits: floatData(out, 'logits').slice(0, wanted * vocab) } : {}),
      ...chosen,
      ...(earlier === undefined ? {} : { earlierHeadRows: earlier.length }),
      ...unconditionalRows(guidance?.result),
    };
  }

  /**
   * The session for this pass: a plan with a layer that may compute nothing takes a variant of the graph. It is
   * looked up anew every time, because a large model keeps only one of them alive; the state is on the host.
   */
  #sessionFor({ spec }: SampleSetup, plan: RowPlan): Promise<InferenceSession> {
    return this.#sessions.get(passSpec(spec, plan));
  }

  async memoryBytes(): Promise<number> {
    return process.memoryUsage().rss;
  }

  async runMs(): Promise<number> {
    return this.#runMs;
  }

  async close(): Promise<void> {
    this.#sample = undefined;
    await this.#sessions.close();
  }
}

/** What is known of the rows of an unconditional stream that ran apart. */
function unconditionalRows(
  result: StepResult | undefined,
): Pick<StepResult, 'unconditionalLayerRows' | 'unconditionalLeftOut'> {
  const { layerRows, leftOut } = result ?? {};
  return {
    ...(layerRows === undefined ? {} : { unconditionalLayerRows: layerRows }),
    ...(leftOut === undefined ? {} : { unconditionalLeftOut: leftOut }),
  };
}

/** How the graph counts positions: among the rows of a uniform plan, or from the first active row. */
function rowsIn(plan: RowPlan, active: Active | undefined): (positions: Int32Array) => Int32Array {
  if (plan.kind === 'uniform') return (positions) => localIndices(plan.rows, positions);
  return (positions) => fromFirst(positions, active!.first);
}

/** NaN where a row had no distribution in the previous pass. */
function knownOnly(shift: Float32Array, known: boolean[], wanted: number): Float64Array {
  return Float64Array.from({ length: wanted }, (_, i) => (known[i] ? shift[i]! : Number.NaN));
}
