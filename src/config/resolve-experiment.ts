import { z } from 'zod';
import { cacheOptions } from '../caching/registry.js';
import { unmaskOptions } from '../decoding/rules/registry.js';
import { type Generation, generationOptions, resolveGeneration } from '../decoding/settings.js';
import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import { didYouMean } from '../suggest.js';
import { loadTask } from '../tasks/task.js';
import { canonicalSha256 } from './canonical.js';
import { type ExperimentFile, generationLayer, limitSchema, seedSchema } from './experiment.js';
import { keysBelow } from './generation-config.js';
import { loadMethod, type MethodConfig, settleAutoSizes } from './method.js';
import { type ModelConfig, resolveModel } from './model.js';
import { applyOverrides, type Override } from './overrides.js';
import { mergeLayers } from './schema-walk.js';

type GenerationLayer = z.output<typeof generationLayer>;

/** Everything that decides the numbers of an experiment; plain JSON. */
export interface ResolvedExperiment {
  readonly id: string;
  readonly title: string;
  readonly layout: ExperimentFile['layout'];
  readonly model: ModelConfig;
  readonly profile: string;
  readonly seed: number;
  /** Samples per benchmark; null = all. */
  readonly limit: number | null;
  readonly groups: readonly { readonly name: string; readonly methods: readonly string[] }[];
  readonly baseline: string;
  /** Every method that runs, the baseline among them, by id. */
  readonly methods: Readonly<Record<string, MethodConfig>>;
  readonly benchmarks: readonly string[];
  /** The benchmarks of the average that are run. */
  readonly average: readonly string[];
  readonly generation: GenerationLayer;
  readonly perBenchmark: Readonly<Record<string, GenerationLayer>>;
  /** What the task files state; the settings above lie over it. */
  readonly taskGeneration: Readonly<Record<string, GenerationLayer>>;
  readonly paper?: string;
}

/** What a command line changes of an experiment file. */
export interface ExperimentChoice {
  readonly model?: string;
  readonly limit?: number;
  /** Subsets, in any order; the order of the file stays. */
  readonly methods?: readonly string[];
  readonly benchmarks?: readonly string[];
  readonly overrides?: readonly Override[];
}

/** What `--set` may change of an experiment. */
export const experimentSettings = z.strictObject({
  seed: seedSchema,
  limit: limitSchema,
  generation: generationLayer,
  perBenchmark: z.record(z.string(), generationLayer),
  methods: z.record(z.string(), z.strictObject({ cache: cacheOptions, unmask: unmaskOptions })),
});

/**
 * The experiment with the choices of the command line laid over it.
 *
 * @throws UsageError for unknown names and settings, and for blocks or steps that do not divide.
 */
export function resolveExperiment(
  file: ExperimentFile,
  choice: ExperimentChoice = {},
  root: string = packageRoot,
): ResolvedExperiment {
  const listed = file.groups.flatMap(({ methods }) => methods);
  const chosenMethods = subset('--methods', 'method', choice.methods, listed, file.id);
  const benchmarks = subset('--benchmarks', 'benchmark', choice.benchmarks, file.benchmarks, file.id);
  const running = [...new Set([file.baseline, ...chosenMethods])];
  const methods = Object.fromEntries(running.map((id) => [id, loadMethod(id, root)]));
  const perBenchmark = Object.fromEntries(benchmarks.map((id) => [id, file.perBenchmark[id] ?? {}]));

  const overrides = [...limitOverride(choice.limit), ...(choice.overrides ?? [])];
  const start = {
    seed: file.seed,
    limit: file.limit,
    generation: file.generation ?? {},
    perBenchmark,
    methods: Object.fromEntries(running.map((id) => [id, pickRules(methods[id]!)])),
  };
  const settings = applyOverrides(experimentSettings, start, overrides);

  const resolved: ResolvedExperiment = {
    id: file.id,
    title: file.title,
    layout: file.layout,
    model: resolveModel(choice.model ?? file.model, root),
    profile: file.profile,
    seed: settings.seed,
    limit: settings.limit,
    groups: file.groups
      .map(({ name, methods }) => ({ name, methods: methods.filter((id) => chosenMethods.includes(id)) }))
      .filter(({ methods }) => methods.length > 0),
    baseline: file.baseline,
    methods: Object.fromEntries(running.map((id) => [id, { ...methods[id]!, ...settings.methods[id]! }])),
    benchmarks,
    average: file.average.filter((id) => benchmarks.includes(id)),
    generation: settings.generation,
    perBenchmark: settings.perBenchmark,
    taskGeneration: Object.fromEntries(
      benchmarks.map((id) => [id, { ...loadTask(id, file.profile, root).generation }]),
    ),
    ...(file.paper === undefined ? {} : { paper: file.paper }),
  };
  const lengths = new Set(benchmarks.map((id) => generationOf(resolved, id).genLength));
  return { ...resolved, methods: settleMethods(resolved.methods, overrides, [...lengths]) };
}

/** Sizes set by hand replace `auto`, which needs one length for all benchmarks to fill in the other size. */
function settleMethods(
  methods: ResolvedExperiment['methods'],
  overrides: readonly Override[],
  lengths: readonly number[],
): ResolvedExperiment['methods'] {
  const settled = Object.entries(methods).map(([id, method]) => {
    const stated = keysBelow(['methods', id, 'cache'], overrides);
    const [cache, ...others] = lengths.map((length) => settleAutoSizes(method.cache, stated, length));
    if (others.some((other) => canonicalSha256(other) !== canonicalSha256(cache))) {
      throw new UsageError(
        'SET_OVERRULED',
        `--set methods.${id}.cache: benchmarks differ in genLength (${lengths.join(', ')}), so set ` +
          `auto=false, layerBudget and windowSize of methods.${id}.cache together.`,
      );
    }
    return [id, { ...method, cache: cache! }] as const;
  });
  return Object.fromEntries(settled);
}

/**
 * How a benchmark's responses are generated: defaults, then the task file, then the experiment, then its
 * exception for the benchmark.
 *
 * @throws UsageError `GENERATION_BLOCKS` or `GENERATION_STEPS`
 */
export function generationOf(experiment: ResolvedExperiment, benchmark: string): Generation {
  const { seed, taskGeneration, generation, perBenchmark } = experiment;
  const layers = [{ seed: String(seed) }, taskGeneration[benchmark], generation, perBenchmark[benchmark]];
  return resolveGeneration(generationOptions.parse(mergeLayers(...layers)));
}

/**
 * Hex sha256 of the canonical JSON of what decides the numbers. The model stands in it by its id, not by its
 * folder, so that runs on two machines compare: whoever resumes or compares runs checks the checkpoint's own
 * digest as well.
 */
export function experimentSha256(experiment: ResolvedExperiment): string {
  return canonicalSha256({ ...experiment, model: experiment.model.id });
}

function limitOverride(limit: number | undefined): Override[] {
  if (limit === undefined) return [];
  return [{ path: ['limit'], text: String(limit), origin: `--limit ${limit}` }];
}

function pickRules({ cache, unmask }: MethodConfig): Pick<MethodConfig, 'cache' | 'unmask'> {
  return { cache, unmask };
}

function subset(
  flag: string,
  what: string,
  wanted: readonly string[] | undefined,
  all: readonly string[],
  experiment: string,
): string[] {
  if (wanted === undefined) return [...all];
  const unknown = wanted.find((id) => !all.includes(id));
  if (unknown !== undefined || wanted.length === 0) {
    throw new UsageError(
      `EXPERIMENT_${what.toUpperCase()}`,
      `${flag}: ${experiment} has no ${what} "${unknown ?? ''}"; it has ${all.join(', ')}.` +
        didYouMean(unknown ?? '', all),
    );
  }
  return all.filter((id) => wanted.includes(id));
}
