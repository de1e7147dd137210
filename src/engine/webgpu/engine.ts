import type { DeviceTarget } from '../../graph/device/target.js';
import type { GraphModel } from '../../graph/layers.js';
import { type StepGraphSpec, specKey } from '../../graph/spec.js';
import { monotonicClock } from '../../measure/clock.js';
import { CounterRng } from '../../stats/rng.js';
import { gumbelNoise } from '../noise.js';
import type { Feeds, SessionOptions } from '../ort-session.js';
import { localIndices } from '../rows-index.js';
import { sampleConstants } from '../sample-constants.js';
import { streamsOf } from '../state.js';
import { floatData, tokensOf } from '../step-io.js';
import { float32, int32, positions } from '../tensors.js';
import {
  type EngineFacts,
  EngineLostError,
  type RowPlan,
  type SampleSetup,
  type StepEngine,
  type StepRequest,
  type StepResult,
} from '../types.js';
import { adaptiveInputs, listedCounts, type MandatoryRows, mandatoryRows } from './adaptive-inputs.js';
import type { TokenEmbedder } from './embedder.js';
import { deviceFailure, isDeviceGone } from './failure.js';
import { DeviceGuidance, type UnconditionalPass } from './guidance.js';
import { KeptRows } from './kept-rows.js';
import { readReport } from './read-report.js';
import { type Fetches, runInPlace } from './run.js';
import { DeviceSessions } from './sessions.js';
import { DeviceState } from './state.js';
import { StoredRows } from './stored-rows.js';
import { refuseLogits, refuseProbe, targetFor } from './target-for.js';
import type { DeviceTensors } from './tensors.js';

/** What a stream of a sample holds on the device. */
interface Stream {
  readonly setup: SampleSetup;
  readonly state: DeviceState;
  readonly stored: StoredRows;
}

interface Sample extends Stream {
  readonly target: DeviceTarget;
  readonly constants: Feeds;
  readonly shift: KeptRows | undefined;
  readonly noise: CounterRng | undefined;
  readonly guidance: DeviceGuidance | undefined;
  /** The unconditional stream of guidance by kept differences. */
  readonly other: Stream | undefined;
}

/**
 * The engine on a GPU through WebGPU, in the calling thread. All state of a sample stays on the device: a pass sends
 * ids and rows and reads one vector back.
 */
export class WebGpuEngine implements StepEngine {
  readonly device = 'webgpu';
  readonly #model: GraphModel;
  readonly #sessions: DeviceSessions;
  readonly #tensors: DeviceTensors;
  readonly #target: DeviceTarget;
  readonly #embedder: TokenEmbedder | undefined;
  /** Specs of which a layer may end up empty: they keep the guarded graph, since another one is loaded anew. */
  readonly #guarded = new Set<string>();
  #sample: Sample | undefined;
  #runMs = 0;

  /** @param embedder Makes embedding rows on the host, where the target has no table on the device. */
  constructor(
    options: SessionOptions,
    target: DeviceTarget,
    tensors: DeviceTensors,
    embedder: TokenEmbedder | undefined,
  ) {
    this.#model = options.model;
    this.#sessions = new DeviceSessions(options);
    this.#target = target;
    this.#tensors = tensors;
    this.#embedder = embedder;
  }

  get layers(): number {
    return this.#model.layers;
  }

  get facts(): EngineFacts {
    const { attention, weights, embedding } = this.#target;
    return { attention, weights, embedding };
  }

  async begin(setup: SampleSetup): Promise<void> {
    this.#dispose();
    refuseProbe(setup.spec);
    const target = targetFor(this.#target, this.#model, setup.length);
    await this.#guard(() => this.#sessions.get(setup.spec, target));
    this.#sample = await this.#guard(() => this.#start(setup, target));
  }

  async #start(setup: SampleSetup, target: DeviceTarget): Promise<Sample> {
    const { spec } = setup;
    const vocab = this.#model.vocabSize;
    const constants = sampleConstants(this.#model, setup);
    for (const name of ['rope_cos', 'rope_sin']) {
      constants[name] = await this.#tensors.upload(constants[name]!);
    }
    return {
      ...(await this.#stream(setup)),
      target,
      constants,
      shift: spec.shift ? await KeptRows.create(this.#tensors, vocab) : undefined,
      noise: spec.sampling ? new CounterRng(setup.sampling?.seed ?? '') : undefined,
      guidance: spec.residualGuidance ? await DeviceGuidance.create(this.#tensors, vocab) : undefined,
      other: spec.residualGuidance ? await this.#stream(setup) : undefined,
    };
  }

  async #stream(setup: SampleSetup): Promise<Stream> {
    const { spec, length } = setup;
    return {
      setup,
      state: await DeviceState.create(this.#tensors, this.#model, spec, length),
      stored: new StoredRows(length),
    };
  }

  async step(request: StepRequest): Promise<StepResult> {
    const sample = this.#sample;
    if (sample === undefined) throw new Error('step() before begin()');
    return this.#guard(() => this.#step(sample, request));
  }

  async #step(sample: Sample, request: StepRequest): Promise<StepResult> {
    const { plan } = request;
    const headRows =
      request.headRows.length > 0
        ? request.headRows
        : Int32Array.of(plan.kind === 'uniform' ? plan.rows[0]! : 0);
    refuseLogits(sample.target, this.#model, headRows.length);
    const other = await this.#unconditional(sample, request, headRows);
    const feeds: Feeds = {};
    const fetches: Fetches = {};
    const vocab = this.#model.vocabSize;
    const wide = () => this.#tensors.zeros([headRows.length, vocab]);
    if (sample.noise !== undefined) {
      const noise = gumbelNoise(sample.noise, request.pass, headRows, vocab);
      feeds.noise = float32(noise, [headRows.length, vocab]);
    }
    const previous = sample.shift?.find(headRows);
    if (previous !== undefined) {
      feeds.previous = sample.shift!.tensor;
      feeds.previous_index = int32(previous.index);
      fetches.distribution = await wide();
    }
    if (sample.guidance !== undefined) {
      Object.assign(feeds, sample.guidance.feeds(request, headRows, other));
      fetches.residual = await wide();
    }
    const result = await this.#pass(sample, sample, request, headRows, feeds, fetches);
    sample.shift?.keep(headRows, fetches.distribution!);
    sample.guidance?.keep(headRows, fetches.residual!, other);
    return {
      ...result,
      ...(previous === undefined
        ? {}
        : { shift: result.shift!.map((value, i) => (previous.known[i] ? value : Number.NaN)) }),
      ...(other?.layerRows === undefined ? {} : { unconditionalLayerRows: other.layerRows }),
    };
  }

  /** The pass of the unconditional stream, where this pass refreshes the difference of the streams. */
  async #unconditional(
    sample: Sample,
    request: StepRequest,
    headRows: Int32Array,
  ): Promise<UnconditionalPass | undefined> {
    const { unconditionalPlan: plan, unconditionalTokens: tokens, pass } = request;
    if (sample.other === undefined || plan === undefined) return undefined;
    if (tokens === undefined) throw new Error('guidance without unconditional tokens');
    // The same graph as of the conditional stream, whose own guidance is not read.
    const feeds = sample.guidance!.feeds({ ...request, headRows: new Int32Array(0) }, headRows, undefined);
    if (sample.setup.spec.shift) {
      feeds.previous = sample.shift!.tensor;
      feeds.previous_index = int32(new Int32Array(headRows.length));
    }
    if (sample.noise !== undefined) {
      const vocab = this.#model.vocabSize;
      feeds.noise = float32(new Float32Array(headRows.length * vocab), [headRows.length, vocab]);
    }
    const own: StepRequest = { tokens, headRows, plan, pass };
    const logits = await this.#tensors.zeros([headRows.length, this.#model.vocabSize]);
    const result = await this.#pass(sample, sample.other, own, headRows, feeds, { stream_logits: logits });
    return { logits, layerRows: result.layerRows };
  }

  /** Runs the graph for one stream of a sample and reads its report. */
  async #pass(
    sample: Sample,
    stream: Stream,
    request: StepRequest,
    headRows: Int32Array,
    feeds: Feeds,
    fetches: Fetches,
  ): Promise<StepResult> {
    const { plan } = request;
    const { spec, length } = stream.setup;
    const mandatory = plan.kind === 'adaptive' ? mandatoryRows(plan) : undefined;
    const used = this.#specFor(spec, mandatory);
    const session = await this.#sessions.get(used, sample.target);
    Object.assign(feeds, sample.constants, { head_rows: int32(this.#headIndex(plan, headRows)) });
    await this.#tokens(spec, request, feeds);
    if (plan.kind === 'uniform') feeds.rows = positions(plan.rows);
    else if (used.rows.kind === 'adaptive') {
      Object.assign(feeds, adaptiveInputs(used.rows, plan, mandatory!));
    } else throw new Error('an adaptive plan needs an adaptive graph');
    const writes = plan.kind === 'adaptive' || stream.stored.admit(plan) === 'write';
    if (writes) stream.state.bind(feeds, fetches);
    else stream.state.bindReadOnly(feeds);
    fetches.report = null;
    if (spec.logits) fetches.logits = null;

    const started = monotonicClock();
    const out = await runInPlace(session, feeds, fetches);
    this.#runMs += monotonicClock() - started;
    if (writes) stream.state.advance();
    const report = readReport(floatData(out, 'report'), spec, {
      headRows: headRows.length,
      wanted: request.headRows.length,
      length,
      layers: this.#model.layers,
      streams: streamsOf(spec).length,
      listed: plan.kind === 'adaptive' ? listedCounts(mandatory!, plan) : undefined,
    });
    const { layerMeans, rows, distances, ...predictions } = report;
    const [layerRows, unconditionalLayerRows] = rows.map((stream) =>
      // A row that stands in for none was computed and not kept.
      stream.map((layer, l) => (mandatory!.filled[l] ? layer : new Int32Array(0))),
    );
    const vocab = this.#model.vocabSize;
    return {
      ...predictions,
      ...(spec.logits ? { logits: floatData(out, 'logits').slice(0, request.headRows.length * vocab) } : {}),
      ...(layerRows === undefined ? {} : { layerRows }),
      ...(unconditionalLayerRows === undefined ? {} : { unconditionalLayerRows }),
      ...(layerMeans === undefined ? {} : { layerMeans }),
      ...(distances === undefined ? {} : { distances }),
    };
  }

  #headIndex(plan: RowPlan, headRows: Int32Array): Int32Array {
    return plan.kind === 'uniform' ? localIndices(plan.rows, headRows) : headRows;
  }

  /** Ids of the rows of every stream in the graph, or their embeddings. */
  async #tokens(spec: StepGraphSpec, request: StepRequest, feeds: Feeds): Promise<void> {
    const { plan } = request;
    for (const prefix of streamsOf(spec)) {
      const tokens = tokensOf(request, prefix);
      const ids = plan.kind === 'uniform' ? plan.rows.map((row) => tokens[row]!) : tokens;
      if (this.#embedder === undefined) feeds[`${prefix}ids`] = int32(ids);
      else feeds[`${prefix}embedded`] = await this.#embedder.embed(ids);
    }
  }

  #specFor(spec: StepGraphSpec, mandatory: MandatoryRows | undefined): StepGraphSpec {
    if (spec.rows.kind !== 'adaptive') return spec;
    const key = specKey(spec);
    if (mandatory?.filled.includes(false)) this.#guarded.add(key);
    return this.#guarded.has(key) ? { ...spec, rows: { ...spec.rows, guardEmpty: true } } : spec;
  }

  /** A device that is gone ends the engine in one sentence; the run can be taken up again. */
  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isDeviceGone(error)) throw error;
      throw new EngineLostError(deviceFailure(error));
    }
  }

  #dispose(): void {
    const sample = this.#sample;
    this.#sample = undefined;
    if (sample === undefined) return;
    sample.state.dispose();
    sample.other?.state.dispose();
    sample.shift?.dispose();
    sample.guidance?.dispose();
    for (const name of ['rope_cos', 'rope_sin']) sample.constants[name]!.dispose();
  }

  async memoryBytes(): Promise<number> {
    return process.memoryUsage().rss;
  }

  async runMs(): Promise<number> {
    return this.#runMs;
  }

  async close(): Promise<void> {
    this.#dispose();
    await this.#sessions.close();
    await this.#embedder?.close();
    await this.#tensors.close();
  }
}
