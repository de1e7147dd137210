import { canonicalSha256, type Json } from '../config/canonical.js';
import { type ExperimentPlan, type ExperimentPoint, methodLabel } from '../config/experiment-plan.js';
import { Library } from '../config/library.js';
import type { MethodConfig } from '../config/method.js';
import type { ModelConfig } from '../config/model.js';
import { cellSha256, generationOf } from '../config/resolve-experiment.js';
import type { Generation } from '../decoding/settings.js';
import { packageRoot } from '../paths.js';
import type { Sample } from '../tasks/samples.js';
import { selectSamples } from '../tasks/select.js';
import type { Task } from '../tasks/task.js';
import { inShard, type Shard } from './shard.js';

/** One method on one benchmark with one setting of everything: a row of summary.csv. */
export interface PlannedCell {
  /** Unique in the run. */
  readonly id: string;
  /** What CSV files call the method. */
  readonly label: string;
  /** Swept values that decide something here. */
  readonly params: ExperimentPoint['params'];
  readonly method: MethodConfig;
  readonly generation: Generation;
  readonly configSha256: string;
  /** Id of the cell that this one is compared with. */
  readonly baseline: string;
}

/** Cells of the same samples and the same model: they take turns sample by sample. */
export interface PlannedGroup {
  readonly model: ModelConfig;
  readonly benchmark: string;
  readonly profile: string;
  readonly seed: number;
  readonly limit: number | null;
  readonly task: Task;
  /** Those of the shard. */
  readonly samples: readonly Sample[];
  /** Of all shards. */
  readonly totalSamples: number;
  readonly cells: readonly PlannedCell[];
}

/** One decoding to do. */
export interface PlannedSample {
  readonly group: PlannedGroup;
  readonly cell: PlannedCell;
  readonly sample: Sample;
}

/** Parameters that have columns of their own in CSV files. */
const columnParams = ['model', 'profile', 'benchmark', 'seed', 'limit'];

/**
 * The cells of a plan, each once: where points of a sweep differ in what a method does not have (the baseline in
 * a sweep of budgets), they share its cell.
 *
 * @throws UsageError for data that are missing or damaged.
 */
export async function planGroups(
  plan: ExperimentPlan,
  shard?: Shard,
  library: Library = new Library(packageRoot, plan.data),
): Promise<PlannedGroup[]> {
  const drafts = plan.points.flatMap((point) => draftsOf(point));
  const cells = new Map<string, Draft[]>();
  for (const draft of drafts) cells.set(draft.key, [...(cells.get(draft.key) ?? []), draft]);
  const varying = columnParams.filter((path) => distinct(plan.points, path) > 1);
  const named = new Map([...cells].map(([key, twins]) => [key, nameCell(twins, varying)]));

  const groups = new Map<string, PlannedGroup & { cells: PlannedCell[] }>();
  for (const [key, [draft]] of cells) {
    const { point, benchmark, method } = draft!;
    const { model, profile, seed, limit } = point.experiment;
    const groupKey = [model.dir, benchmark, profile, seed, limit].join('\n');
    let group = groups.get(groupKey);
    if (group === undefined) {
      const task = library.task(benchmark, profile);
      const samples = selectSamples(await task.samples(), limit ?? undefined, seed);
      group = {
        ...{ model, benchmark, profile, seed, limit, task, cells: [] },
        samples: inShard(samples, shard),
        totalSamples: samples.length,
      };
      groups.set(groupKey, group);
    }
    group.cells.push({
      ...named.get(key)!,
      method: point.experiment.methods[method]!,
      generation: generationOf(point.experiment, benchmark),
      configSha256: draft!.configSha256,
      baseline: named.get(draft!.baselineKey)!.id,
    });
  }
  return byModel([...groups.values()]);
}

interface Draft {
  readonly key: string;
  readonly baselineKey: string;
  readonly point: ExperimentPoint;
  readonly benchmark: string;
  readonly method: string;
  readonly configSha256: string;
}

function draftsOf(point: ExperimentPoint): Draft[] {
  const { experiment } = point;
  const { model, benchmarks, methods, baseline } = experiment;
  return benchmarks.flatMap((benchmark) => {
    const key = (method: string, sha256: string) => canonicalSha256([model.dir, method, sha256]);
    const baselineKey = key(baseline, cellSha256(experiment, benchmark, baseline));
    return Object.keys(methods).map((method) => {
      const configSha256 = cellSha256(experiment, benchmark, method);
      return { key: key(method, configSha256), baselineKey, configSha256, point, benchmark, method };
    });
  });
}

/** Names a cell by what its points have in common; swept values that differ between them do not concern it. */
function nameCell(
  twins: readonly Draft[],
  varying: readonly string[],
): Pick<PlannedCell, 'id' | 'label' | 'params'> {
  const [first] = twins as [Draft];
  const shared = Object.entries(first.point.params).filter(([path, value]) =>
    twins.every(({ point }) => sameJson(point.params[path], value)),
  );
  const label = methodLabel(
    first.method,
    Object.fromEntries(shared.filter(([path]) => !columnParams.includes(path))),
  );
  const where = shared.filter(([path]) => varying.includes(path) && path !== 'benchmark');
  const suffix = where.map(([path, value]) => `${path}=${value}`).join(',');
  return {
    id: `${first.benchmark}/${label}${suffix === '' ? '' : `@${suffix}`}`,
    label,
    params: Object.fromEntries(shared),
  };
}

function sameJson(a: Json | undefined, b: Json): boolean {
  return a !== undefined && canonicalSha256(a) === canonicalSha256(b);
}

function distinct(points: readonly ExperimentPoint[], path: string): number {
  return new Set(points.map(({ params }) => canonicalSha256(params[path] ?? null))).size;
}

/** Only one model is open at a time, so its groups follow each other. */
function byModel(groups: readonly PlannedGroup[]): PlannedGroup[] {
  const models = [...new Set(groups.map(({ model }) => model.dir))];
  return models.flatMap((dir) => groups.filter(({ model }) => model.dir === dir));
}

/**
 * The order of work: sample by sample, and for each sample all cells, starting with another one each time, so
 * that drift of the machine and the place in the row hit all methods alike.
 */
export function* interleaved(groups: readonly PlannedGroup[]): Generator<PlannedSample> {
  for (const group of groups) {
    const { cells } = group;
    for (const [i, sample] of group.samples.entries()) {
      for (const c of cells.keys()) yield { group, sample, cell: cells[(i + c) % cells.length]! };
    }
  }
}
