import { createInterface } from 'node:readline';
import { InterruptedError } from '../../src/decoding/errors.js';
import { decode } from '../../src/decoding/loop.js';
import { createMethod } from '../../src/decoding/method.js';
import { ForwardingEngine } from '../../src/engine/forwarding-engine.js';
import { openEngine } from '../../src/engine/open.js';
import type { StepEngine, StepRequest, StepResult } from '../../src/engine/types.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import type { ChosenRows, DecodeCall, Decoded, Margins, MarginsCall, Reveal } from './protocol.js';

/**
 * Our side of the comparison, in a process of its own as the PyTorch side is: `decode()` and the engine in its
 * worker, as a run of the product has them. `npx tsx scripts/peers/serve.ts CHECKPOINT THREADS`; protocol.ts has
 * the lines.
 */
const [dir = '', threads = '2'] = process.argv.slice(2);
const checkpoint = await openCheckpoint(dir);
const engine = await openEngine(checkpoint, { threads: Number(threads) });

/** Keeps the canvas that each pass saw, and when its answer came. */
class Watched extends ForwardingEngine {
  readonly canvases: Int32Array[] = [];
  readonly answeredMs: number[] = [];
  /** The canvas itself, which the loop writes into. */
  canvas: Int32Array = new Int32Array(0);
  /** Where margins are asked for: each pass and its answer. */
  readonly exchanges: { readonly request: StepRequest; readonly result: StepResult }[] = [];
  readonly #keeps: boolean;
  readonly #onPass: (passes: number) => void;

  constructor(inner: StepEngine, keeps: boolean, onPass: (passes: number) => void) {
    super(inner);
    this.#keeps = keeps;
    this.#onPass = onPass;
  }

  override async step(request: StepRequest): Promise<StepResult> {
    this.canvas = request.tokens;
    this.canvases.push(request.tokens.slice());
    const result = await super.step(request);
    this.answeredMs.push(monotonicClock());
    if (this.#keeps) this.exchanges.push({ request, result });
    this.#onPass(this.answeredMs.length);
    return result;
  }
}

async function answer(call: DecodeCall | MarginsCall): Promise<Decoded | Margins> {
  const { generation, passes } = call;
  const enough = new AbortController();
  const isMargins = 'margins' in call;
  const watched = new Watched(engine, isMargins, (done) => {
    if (done === passes) enough.abort();
  });
  // The loop's own clock starts when the sample is set up, and reads once more at its end.
  const readings: number[] = [];
  const clock = () => {
    readings.push(monotonicClock());
    return readings.at(-1)!;
  };
  try {
    await decode(watched, {
      promptIds: Int32Array.from(call.prompt),
      generation,
      ...createMethod(call, checkpoint.dimensions.family, generation),
      special: checkpoint.dimensions,
      clock,
      signal: enough.signal,
      distances: isMargins,
    });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    readings.push(monotonicClock());
  }
  if (isMargins) return margins(watched.exchanges);
  // What a pass reveals is committed after its answer: the last pass ends with the loop.
  const ends = [...watched.answeredMs.slice(0, -1), readings.at(-1)!];
  return {
    steps: reveals([...watched.canvases, watched.canvas]),
    passMs: ends.map((end, i) => end - (ends[i - 1] ?? readings[0]!)),
    tokens: Array.from(watched.canvas),
  };
}

/** Row and position are the same in a LLaDA model. */
function margins(exchanges: Watched['exchanges']): Margins {
  const { request, result } = exchanges.at(-1)!;
  const confidences = Array.from(result.p1);
  return {
    positions: Array.from(request.headRows),
    confidences,
    gaps: confidences.map((p1, i) => Math.log(p1 / result.p2[i]!)),
    chosen: exchanges.flatMap(({ request: { tokens }, result: { layerRows = [], distances } }, step) =>
      layerRows.map((rows, layer): ChosenRows => {
        const own = distances?.slice(layer * tokens.length, (layer + 1) * tokens.length) ?? [];
        return { step, layer, rows: Array.from(rows), first: 0, distances: Array.from(own) };
      }),
    ),
  };
}

function reveals(canvases: readonly Int32Array[]): Reveal[][] {
  return canvases.slice(1).map((after, i) => {
    const changed = Array.from(after.keys()).filter((position) => after[position] !== canvases[i]![position]);
    return changed.map((position): Reveal => [position, after[position]!]);
  });
}

process.stdout.write(`${JSON.stringify({ threads: Number(threads), ...engine.facts })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as DecodeCall))}\n`);
}
await engine.close();
