import type { Json } from '../config/canonical.js';
import type { EngineOptions } from '../config/engine-options.js';
import type { ExperimentPlan, ExperimentPoint } from '../config/experiment-plan.js';
import { Library } from '../config/library.js';
import type { MeasureOptions } from '../config/measure-options.js';
import type { MethodParts } from '../config/method.js';
import { experimentSha256, generationOf } from '../config/resolve-experiment.js';
import type { Generation } from '../decoding/settings.js';
import { packageRoot } from '../paths.js';
import { planSha256 } from './manifest.js';
import { planGroups } from './plan.js';

/** A resolved plan in plain JSON: what `repro config` prints. */
export interface PlanFacts {
  readonly id: string;
  readonly title: string;
  /** Of all that decides the numbers; a run's manifest has the same. */
  readonly sha256: string;
  readonly points: readonly PointFacts[];
  /** Method x benchmark x point, equal ones counted once. */
  readonly cells: number;
  /** Samples to decode, over all cells. */
  readonly samples: number;
}

export interface PointFacts {
  readonly params: Readonly<Record<string, Json>>;
  readonly sha256: string;
  readonly model: { readonly id: string; readonly name: string; readonly settings: string };
  readonly profile: string;
  readonly seed: number;
  readonly limit: number | null;
  readonly baseline: string;
  readonly methods: readonly MethodFacts[];
  readonly benchmarks: readonly BenchmarkFacts[];
  /** Benchmarks of the average column. */
  readonly average: readonly string[];
  readonly measure: MeasureOptions;
  readonly engine: EngineOptions;
}

export interface MethodFacts extends MethodParts {
  readonly id: string;
  readonly name: string;
}

export interface BenchmarkFacts {
  readonly id: string;
  readonly title: string;
  readonly version: number;
  /** The deciding scorer. */
  readonly scorer: { readonly name: string; readonly filter: string; readonly metric: string };
  readonly samples: { readonly chosen: number; readonly all: number };
  readonly generation: Generation;
}

/** @throws UsageError for data that are missing or damaged. */
export async function planFacts(plan: ExperimentPlan): Promise<PlanFacts> {
  const library = new Library(packageRoot, plan.data);
  const points: PointFacts[] = [];
  for (const point of plan.points) points.push(await pointFacts(point, library));
  const groups = await planGroups(plan, undefined, library);
  return {
    id: plan.id,
    title: plan.title,
    sha256: planSha256(plan),
    points,
    cells: groups.reduce((sum, { cells }) => sum + cells.length, 0),
    samples: groups.reduce((sum, { cells, totalSamples }) => sum + cells.length * totalSamples, 0),
  };
}

async function pointFacts({ params, experiment }: ExperimentPoint, library: Library): Promise<PointFacts> {
  const { model, settings, profile, seed, limit, baseline, methods, benchmarks, average, measure, engine } =
    experiment;
  return {
    params,
    sha256: experimentSha256(experiment),
    model: { id: model.id, name: model.name, settings },
    ...{ profile, seed, limit, baseline },
    methods: Object.entries(methods).map(([id, { name, cache, unmask }]) => ({ id, name, cache, unmask })),
    benchmarks: await Promise.all(
      benchmarks.map(async (id) => {
        const task = library.task(id, profile);
        const [{ name, filter, metric }] = task.scorers;
        const all = (await task.samples()).length;
        return {
          id,
          title: task.title,
          version: task.spec.version,
          scorer: { name, filter: filter.kind, metric: metric.kind },
          samples: { chosen: Math.min(limit ?? all, all), all },
          generation: generationOf(experiment, id),
        };
      }),
    ),
    average,
    measure,
    engine,
  };
}
