import { decode } from '../../src/decoding/loop.js';
import { createMethod } from '../../src/decoding/method.js';
import type { Generation } from '../../src/decoding/settings.js';
import { passSpec } from '../../src/engine/adaptive-io.js';
import { ForwardingEngine } from '../../src/engine/forwarding-engine.js';
import type { SampleSetup, StepRequest, StepResult } from '../../src/engine/types.js';
import { benchPrompt } from '../../src/experiments/passes/bench-prompt.js';
import { byPassKind } from '../../src/experiments/passes/pass-kinds.js';
import { type PassTime, TimedEngine } from '../../src/experiments/passes/timed-engine.js';
import { type StepGraphSpec, specKey } from '../../src/graph/spec.js';
import { monotonicClock } from '../../src/measure/clock.js';
import type { PeakMemory } from '../../src/measure/peak-memory.js';
import type { ModelDimensions } from '../../src/models/types.js';
import { median } from '../../src/stats/summary.js';
import type { SliceCase } from './cases.js';

/** What one method did on a slice. */
export interface SliceRow {
  readonly method: string;
  /** The graph that the sample began on. */
  readonly graph: string;
  /** Sessions that were made for it, one at a time; 0 where the method before left the right one. */
  readonly loads: number;
  /** Wall milliseconds of making the first of them; null where there was none. */
  readonly loadMs: number | null;
  readonly passes: number;
  /** Wall milliseconds of the first pass, which computes all rows. */
  readonly firstPassMs: number;
  /** Medians over the other passes; null where there are none. */
  readonly fullPassMs: number | null;
  readonly partialPassMs: number | null;
  readonly tokens: number;
  /** Different tokens among them. */
  readonly distinctTokens: number;
  /** Largest values while it loaded and decoded. */
  readonly peakAnonymousBytes: number;
  readonly peakMappedBytes: number;
}

/** Decodes one response with a method, through the engine that keeps a single session of a large model. */
export async function measureSlice(
  engine: LoadCounter,
  dimensions: ModelDimensions,
  { id, method, graph }: SliceCase,
  { promptLength, generation }: { readonly promptLength: number; readonly generation: Generation },
  memory: PeakMemory,
): Promise<SliceRow> {
  await memory.take();
  const before = engine.loads;
  const passes: PassTime[] = [];
  const timed = new TimedEngine(engine, monotonicClock, (pass) => passes.push(pass));
  const { tokens } = await decode(timed, {
    promptIds: benchPrompt(promptLength, dimensions),
    generation,
    ...createMethod(method, dimensions.family, generation),
    special: dimensions,
    clock: monotonicClock,
  });
  const { mappedBytes, anonymousBytes } = await memory.take();
  if (anonymousBytes === null || mappedBytes === null)
    throw new Error('this system does not tell anonymous memory; run it on Linux');
  const rowsOfAll = dimensions.layers * (promptLength + generation.genLength);
  const kinds = new Map(
    byPassKind(passes.slice(1), ({ layerRows }) => layerRows === rowsOfAll).map(([kind, list]) => [
      kind,
      median(list.map(({ totalMs }) => totalMs)),
    ]),
  );
  const response = tokens.subarray(promptLength);
  return {
    ...{ method: id, graph },
    ...{ loads: engine.loads - before, loadMs: engine.loads > before ? timed.beginMs : null },
    ...{ passes: passes.length, firstPassMs: passes[0]!.totalMs },
    ...{ fullPassMs: kinds.get('full') ?? null, partialPassMs: kinds.get('partial') ?? null },
    ...{ tokens: response.length, distinctTokens: new Set(response).size },
    ...{ peakAnonymousBytes: anonymousBytes, peakMappedBytes: mappedBytes },
  };
}

/** Counts the sessions that an engine makes which keeps one alive at a time. */
export class LoadCounter extends ForwardingEngine {
  loads = 0;
  #alive: string | undefined;
  #spec: StepGraphSpec | undefined;

  override async begin(setup: SampleSetup): Promise<void> {
    this.#spec = setup.spec;
    this.#needs(setup.spec);
    await super.begin(setup);
  }

  override async step(request: StepRequest): Promise<StepResult> {
    this.#needs(passSpec(this.#spec!, request.plan));
    return super.step(request);
  }

  #needs(spec: StepGraphSpec): void {
    const key = specKey(spec);
    if (key === this.#alive) return;
    this.#alive = key;
    this.loads += 1;
  }
}
