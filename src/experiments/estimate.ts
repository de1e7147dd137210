import type { ExperimentPlan } from '../config/experiment-plan.js';
import type { MeasureOptions } from '../config/measure-options.js';
import type { ModelConfig } from '../config/model.js';
import { decode } from '../decoding/loop.js';
import { createMethod, type MethodOptions } from '../decoding/method.js';
import { ordinaryToken, RowEngine } from '../decoding/row-engine.js';
import type { Generation } from '../decoding/settings.js';
import { defaultThreads } from '../engine/open.js';
import { productRate } from '../engine/product-rate.js';
import type { RowFamily } from '../graph/spec.js';
import type { Clock } from '../measure/clock.js';
import { flops } from '../measure/flops.js';
import { type Checkpoint, openCheckpoint } from '../models/checkpoint.js';
import type { ModelDimensions } from '../models/types.js';
import { sum } from '../stats/summary.js';
import { type PlannedCell, type PlannedGroup, planGroups } from './plan.js';
import { PromptLengths } from './prompt-length.js';

/**
 * Milliseconds per pass and layer that are no matrix product of the count: launching nodes, norms, softmax, and with
 * adaptive rows the choice of rows. From 2688 samples of the reference model (6 layers, 192 samples a method on two
 * cores): time over operations is a line of 190 GFLOP/s, and what is left of a pass is 0.7 ms with uniform rows
 * (vanilla, Fast-dLLM, dKV-Cache) and 1.5 to 1.75 ms with adaptive rows (Dynamic-dLLM, dLLM-Cache).
 */
const overheadMs = { uniform: 0.12, adaptive: 0.27 } as const;

/** What decoding one sample costs at most, counted without running the model. */
export interface SampleCost {
  readonly passes: number;
  readonly flops: number;
  readonly rows: RowFamily['kind'];
  /** Whether the schedule fixes the number of passes; else fewer may do, and the counts are upper bounds. */
  readonly exactPasses: boolean;
}

/** How long the samples of one cell may take. */
export interface CellEstimate extends SampleCost {
  readonly group: PlannedGroup;
  readonly cell: PlannedCell;
  readonly sampleMs: number;
}

/** How long a plan may take on this machine. An estimate. */
export interface PlanEstimate {
  /** Matrix products on this machine, by model folder. */
  readonly flopsPerSecond: Readonly<Record<string, number>>;
  readonly cells: readonly CellEstimate[];
  /** Every sample of every cell once, one after the other. */
  readonly decodeMs: number;
  /** Repeats for the precision of speeds, at most. */
  readonly repeatMs: number;
  /** Whether some method may need fewer passes than was counted. */
  readonly atMost: boolean;
}

/**
 * Estimates a plan: the passes and rows of each method on a canvas of mean prompt length, counted with the real
 * cache policies and rules, at the speed that a matrix product has here.
 *
 * @throws UsageError for a checkpoint or data that are not there.
 */
export async function estimatePlan(plan: ExperimentPlan, clock: Clock): Promise<PlanEstimate> {
  const models = new Map<string, EstimatedModel>();
  const cells: CellEstimate[] = [];
  for (const group of await planGroups(plan)) {
    const { dir } = group.model;
    const model = models.get(dir) ?? (await EstimatedModel.open(group.model, clock));
    models.set(dir, model);
    for (const cell of group.cells) cells.push(await model.estimate(group, cell));
  }
  const decodeMs = sum(cells.map(({ sampleMs, group }) => sampleMs * group.totalSamples));
  return {
    flopsPerSecond: Object.fromEntries([...models].map(([dir, { flopsPerSecond }]) => [dir, flopsPerSecond])),
    cells,
    decodeMs,
    repeatMs: repeatsMs(cells, plan.points[0].experiment.measure),
    atMost: cells.some(({ exactPasses }) => !exactPasses),
  };
}

/** One model of a plan: its sizes, its tokenizer and the speed of its products. */
class EstimatedModel {
  readonly #checkpoint: Checkpoint;
  readonly #prompts: PromptLengths;
  readonly flopsPerSecond: number;
  readonly #costs = new Map<string, SampleCost>();

  private constructor(checkpoint: Checkpoint, prompts: PromptLengths, flopsPerSecond: number) {
    this.#checkpoint = checkpoint;
    this.#prompts = prompts;
    this.flopsPerSecond = flopsPerSecond;
  }

  static async open({ dir, chatTemplate }: ModelConfig, clock: Clock): Promise<EstimatedModel> {
    const checkpoint = await openCheckpoint(dir);
    const { dModel, ffnDim } = checkpoint.dimensions;
    const size = { rows: typicalRows, inner: dModel, outer: ffnDim };
    return new EstimatedModel(
      checkpoint,
      await PromptLengths.open(checkpoint, chatTemplate),
      await productRate(size, defaultThreads(checkpoint.totalBytes), clock),
    );
  }

  async estimate(group: PlannedGroup, cell: PlannedCell): Promise<CellEstimate> {
    const { method, generation } = cell;
    const promptLength = await this.#prompts.of(group);
    // The seed draws another order, of as many rows.
    const key = JSON.stringify([method.cache, method.unmask, { ...generation, seed: '' }, promptLength]);
    const { dimensions } = this.#checkpoint;
    const cost = this.#costs.get(key) ?? (await sampleCost(method, generation, dimensions, promptLength));
    this.#costs.set(key, cost);
    const sampleMs =
      (cost.flops / this.flopsPerSecond) * 1000 + cost.passes * dimensions.layers * overheadMs[cost.rows];
    return { ...cost, group, cell, sampleMs };
  }
}

/** Rows of a pass, for the measured product: a canvas of the reference experiments. */
const typicalRows = 192;

/** Passes, rows and operations of one sample: the real loop, policy and rule over an engine without a model. */
export async function sampleCost(
  method: MethodOptions,
  generation: Generation,
  dimensions: ModelDimensions,
  promptLength: number,
): Promise<SampleCost> {
  const { layers, family } = dimensions;
  const other = ordinaryToken(dimensions);
  const parts = createMethod(method, family, generation);
  const { nfe, rows } = await decode(new RowEngine(layers, other), {
    promptIds: new Int32Array(promptLength).fill(other),
    generation,
    ...parts,
    special: dimensions,
    clock: () => 0,
  });
  return {
    passes: nfe,
    flops: flops(dimensions, rows),
    rows: parts.cache.rows.kind,
    exactPasses: parts.rule.fixedSchedule,
  };
}

/** Milliseconds of the rounds of repeats of all cells at most, within the time that the experiment allows them. */
export function repeatsMs(
  cells: readonly { readonly sampleMs: number; readonly group: Pick<PlannedGroup, 'totalSamples'> }[],
  measure: MeasureOptions,
): number {
  if (!measure.timing) return 0;
  const { repeatSamples, maxRounds, timeBudgetSeconds } = measure;
  const roundMs = sum(
    cells.map(({ sampleMs, group }) => sampleMs * Math.min(group.totalSamples, repeatSamples)),
  );
  return Math.min(timeBudgetSeconds * 1000, roundMs * (maxRounds - 1));
}
