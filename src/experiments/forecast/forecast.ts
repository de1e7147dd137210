import type { ExperimentPlan } from '../../config/experiment-plan.js';
import type { ModelConfig } from '../../config/model.js';
import type { DeviceFacts } from '../../engine/device.js';
import { defaultThreads, openEngine } from '../../engine/open.js';
import { keepsOneSession } from '../../engine/ort-session.js';
import type { StepEngine } from '../../engine/types.js';
import { UsageError } from '../../errors.js';
import { groupBy } from '../../group-by.js';
import type { Clock } from '../../measure/clock.js';
import { type ProcessMemory, processMemory } from '../../measure/process-memory.js';
import { type Checkpoint, openCheckpoint } from '../../models/checkpoint.js';
import { type MemoryNeed, memoryNeeds } from '../../models/memory.js';
import { costOf } from '../passes/pass-cost.js';
import { planGroups } from '../plan.js';
import { lengthFault } from '../prompt-fit.js';
import { PromptLengths } from '../prompt-length.js';
import { runThreads } from '../run-threads.js';
import { type CountedCell, countCells } from './count-cells.js';
import { type MeasuredGraph, type MeasuredKind, measureGraph } from './measure-graph.js';
import { type PlanTime, planTime } from './plan-time.js';

/** What a sample of one method on one benchmark takes: counted passes at measured cost. */
export interface ForecastCell {
  readonly id: string;
  readonly method: string;
  readonly benchmark: string;
  /** Mean over prompts. */
  readonly promptTokens: number;
  /** Prompt and response. */
  readonly tokens: number;
  readonly passes: number;
  readonly fullPasses: number;
  /** Whether fewer passes may do, so that passes and time are upper bounds. */
  readonly atMost: boolean;
  /** Of those under `measured`. */
  readonly graph: string;
  readonly sampleMs: number;
}

/** A plan of a size that a command could run. */
export interface SizedPlan {
  /** What the command line would say, such as `--quick`. */
  readonly size: string;
  readonly plan: ExperimentPlan;
}

/** What `repro estimate --json` prints. */
export interface Forecast {
  readonly schema: 1;
  readonly experiment: string;
  readonly model: Pick<ModelConfig, 'id' | 'name' | 'dir'>;
  readonly precision: string;
  readonly device: DeviceFacts;
  readonly engine: Readonly<Record<string, string>>;
  readonly threads: number;
  /** Measured now. */
  readonly measured: {
    readonly openMs: number;
    readonly graphs: readonly Pick<MeasuredGraph, 'graph' | 'startMs' | 'cost'>[];
    readonly kinds: readonly MeasuredKind[];
    /** The most seen between passes. */
    readonly memory: ProcessMemory;
    /** All of it. */
    readonly elapsedMs: number;
  };
  readonly cells: readonly ForecastCell[];
  readonly totals: readonly PlanTime[];
  readonly disk: {
    readonly checkpointBytes: number;
    /** The copy in another precision beside it; null in fp32. */
    readonly converted: { readonly dir: string; readonly bytes: number } | null;
  };
  /** Computed from shapes, for the longest canvas; null for a device that nothing is known of. */
  readonly memory: MemoryNeed | null;
}

export interface ForecastOptions {
  /** The first says whose cells are measured; the others have the same cells with other numbers of samples. */
  readonly plans: readonly [SizedPlan, ...SizedPlan[]];
  /** Folder that the model was converted from; undefined where it was not. */
  readonly sourceDir?: string | undefined;
  readonly device: DeviceFacts;
  readonly threads?: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A line of progress. */
  readonly say: (line: string) => void;
}

/**
 * Tells what a plan will take, from passes of its own methods and lengths that are timed now.
 *
 * @throws UsageError for data or a checkpoint that are not there, several models, and a model that does not fit;
 * InterruptedError if the signal aborts
 */
export async function forecast(options: ForecastOptions): Promise<Forecast> {
  const { plans, device, clock, signal, say } = options;
  const [{ plan }] = plans;
  const started = clock();
  const groups = await planGroups(plan);
  const model = theModel(groups.map((group) => group.model));
  const checkpoint = await openCheckpoint(model.dir);
  const { timing } = plan.points[0].experiment.measure;
  const wishes = { wanted: options.threads, device: device.device, alone: timing, clock };
  const threads = (await runThreads([checkpoint], wishes)) ?? defaultThreads(checkpoint.totalBytes);
  say('counting passes');
  const counted = await countCells(
    groups,
    checkpoint.dimensions,
    await PromptLengths.open(checkpoint, model.chatTemplate),
    device.device,
  );
  refuseLong(counted, checkpoint, device);
  const opening = clock();
  const engine = await openEngine(checkpoint, { device: device.device, threads, half: model.half });
  const openMs = clock() - opening;
  const { facts } = engine;
  const memory = new MemoryPeak();
  const graphs = await measureGraphs(counted, { engine, checkpoint, clock, signal, say, memory }).finally(
    () => engine.close(),
  );
  const cells = counted.map((cell) => forecastCell(cell, graphs));
  const totals: PlanTime[] = [];
  const isOne = keepsOneSession(checkpoint.totalBytes, device.device);
  for (const { size, plan: sized } of plans)
    totals.push(await planTime(size, sized, cells, { graphs, isOne }));
  const longest = Math.max(...cells.map(({ tokens }) => tokens));
  return {
    schema: 1,
    experiment: plan.id,
    model: { id: model.id, name: model.name, dir: model.dir },
    precision: checkpoint.conversion?.precision ?? (facts.weights === 'float16' ? 'fp16' : 'fp32'),
    ...{ device, engine: facts, threads },
    measured: {
      openMs,
      graphs: graphs.map(({ graph, startMs, cost }) => ({ graph, startMs, cost })),
      kinds: graphs.flatMap(({ kinds }) => kinds),
      memory: memory.peak,
      elapsedMs: clock() - started,
    },
    ...{ cells, totals },
    disk: await diskOf(checkpoint, options.sourceDir),
    memory: memoryNeed(checkpoint, device, facts, longest),
  };
}

async function diskOf(checkpoint: Checkpoint, sourceDir: string | undefined): Promise<Forecast['disk']> {
  const bytesOf = ({ files }: Checkpoint) => files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (sourceDir === undefined) return { checkpointBytes: bytesOf(checkpoint), converted: null };
  const converted = { dir: checkpoint.dir, bytes: bytesOf(checkpoint) };
  return { checkpointBytes: bytesOf(await openCheckpoint(sourceDir)), converted };
}

interface GraphsContext {
  readonly engine: StepEngine;
  readonly checkpoint: Checkpoint;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly memory: MemoryPeak;
}

/** Graph after graph: of a large model one session is alive at a time. */
async function measureGraphs(
  counted: readonly CountedCell[],
  { engine, checkpoint, clock, signal, say, memory }: GraphsContext,
): Promise<MeasuredGraph[]> {
  const { dimensions } = checkpoint;
  const measured: MeasuredGraph[] = [];
  const byGraph = groupBy(counted, ({ sample }) => sample.graph);
  for (const cells of byGraph.values()) {
    const methods = [...new Set(cells.map(({ cell }) => cell.method.id))].join(', ');
    say(`timing passes of ${methods} (graph ${measured.length + 1} of ${byGraph.size})`);
    measured.push(await measureGraph(cells, { engine, dimensions, clock, signal }));
    await memory.read();
  }
  return measured;
}

function forecastCell({ group, cell, promptTokens, sample }: CountedCell, graphs: readonly MeasuredGraph[]) {
  const { passes, tokens, exactPasses } = sample;
  const { cost } = graphs.find(({ graph }) => graph === sample.graph)!;
  const flops = passes.reduce((sum, pass) => sum + pass.flops, 0);
  return {
    id: cell.id,
    method: cell.label,
    benchmark: group.benchmark,
    ...{ promptTokens, tokens },
    passes: passes.length,
    fullPasses: passes.filter(({ isFull }) => isFull).length,
    atMost: !exactPasses,
    graph: sample.graph,
    sampleMs: costOf(cost, passes.length, flops),
  };
}

/** The most memory between passes. */
class MemoryPeak {
  peak: ProcessMemory = { residentBytes: 0, anonymousBytes: null };

  async read(): Promise<void> {
    const now = await processMemory();
    if (now.residentBytes > this.peak.residentBytes) this.peak = now;
  }
}

/** @throws UsageError `FLAG` */
function theModel(models: readonly ModelConfig[]): ModelConfig {
  const [first, ...others] = models;
  if (others.some(({ dir }) => dir !== first!.dir)) {
    throw new UsageError(
      'FLAG',
      'repro estimate measures one model, and this sweep has several; name one by --model.',
    );
  }
  return first!;
}

/** @throws UsageError `CANVAS_TOO_LONG` where the mean prompt of a benchmark does not fit. */
function refuseLong(
  counted: readonly CountedCell[],
  { dimensions }: Checkpoint,
  { device }: DeviceFacts,
): void {
  for (const { cell, promptTokens } of counted) {
    const fault = lengthFault(promptTokens, cell.generation, dimensions, device);
    if (fault !== undefined) throw new UsageError('CANVAS_TOO_LONG', `${cell.id}, at the mean: ${fault}.`);
  }
}

function memoryNeed(
  { specs, dimensions, conversion }: Checkpoint,
  { device }: DeviceFacts,
  facts: Readonly<Record<string, string>>,
  tokens: number,
): MemoryNeed | null {
  const precision = conversion?.precision ?? (facts.weights === 'float16' ? 'fp16' : 'fp32');
  const needs = memoryNeeds(specs, dimensions, tokens);
  return needs.find((need) => need.device === device && need.precision === precision) ?? null;
}
