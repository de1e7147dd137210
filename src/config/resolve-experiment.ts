import { z } from 'zod';
import { cacheOptions } from '../caching/registry.js';
import { createMethod } from '../decoding/method.js';
import { unmaskOptions } from '../decoding/rules/registry.js';
import { type Generation, generationOptions, resolveGeneration } from '../decoding/settings.js';
import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import { canonicalSha256 } from './canonical.js';
import { type EngineOptions, engineOptions } from './engine-options.js';
import { type ExperimentFile, type GenerationLayer, lengthsOf } from './experiment.js';
import { chooseBenchmarks, chooseMethods, type MethodGroups } from './experiment-choice.js';
import { limitSchema, seedSchema } from './experiment-schema.js';
import { keysBelow } from './generation-config.js';
import { generationLayer } from './generation-layer.js';
import { Library } from './library.js';
import { checkRounds, type MeasureOptions, measureOptions } from './measure-options.js';
import type { MethodConfig, MethodParts, SettingsId } from './method.js';
import { settleAutoSizes } from './method-auto.js';
import { expandMethodPath } from './method-paths.js';
import { familyOfSettings, inHalf, type ModelConfig, resolveModel } from './model.js';
import { applyOverrides, type Override } from './overrides.js';
import { mergeLayers } from './schema-walk.js';

/** Everything that decides the numbers of an experiment; plain JSON. */
export interface ResolvedExperiment {
  readonly id: string;
  readonly title: string;
  readonly layout: ExperimentFile['layout'];
  /** What a grid shows; decides no number. */
  readonly show?: NonNullable<ExperimentFile['show']>;
  readonly model: ModelConfig;
  /** Whose published settings the methods took before overrides. */
  readonly settings: SettingsId;
  readonly profile: string;
  readonly seed: number;
  /** Samples per benchmark; null = all. */
  readonly limit: number | null;
  readonly groups: MethodGroups;
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
  readonly measure: MeasureOptions;
  readonly engine: EngineOptions;
  readonly paper?: string;
}

/** What a command line, or a point of a sweep, changes of an experiment file. */
export interface ExperimentChoice {
  readonly model?: string;
  /** Compute in half precision. */
  readonly half?: boolean;
  readonly profile?: string;
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
  measure: measureOptions,
  engine: engineOptions,
  methods: z.record(z.string(), z.strictObject({ cache: cacheOptions, unmask: unmaskOptions })),
});

/**
 * The experiment with the choices of the command line laid over it.
 *
 * @throws UsageError for unknown names and settings, for blocks or steps that do not divide, and for methods that
 * do not fit the model.
 */
export function resolveExperiment(
  file: ExperimentFile,
  choice: ExperimentChoice = {},
  root: string = packageRoot,
  library: Library = new Library(root),
): ResolvedExperiment {
  const stored = resolveModel(choice.model ?? file.model, root);
  const model = choice.half === true ? inHalf(stored) : stored;
  const wanted = file.settings ?? model.settings;
  const modelSettings = familyOfSettings(wanted) === model.family ? wanted : model.settings;
  const groups = chooseMethods(file.groups, choice.methods);
  const benchmarks = chooseBenchmarks(file, choice.benchmarks);
  const running = [...new Set([file.baseline, ...groups.flatMap((group) => group.methods)])];
  const methods = Object.fromEntries(
    running.map((id) => [id, defineMethod(id, file.definitions, modelSettings, library)]),
  );
  const profile = choice.profile ?? file.profile;
  const perBenchmark = Object.fromEntries(benchmarks.map((id) => [id, file.perBenchmark[id] ?? {}]));

  const stated = file.overrides.filter((override) => concerns(override, benchmarks, running, file));
  const start = {
    seed: file.seed,
    limit: file.limit,
    generation: file.generation ?? {},
    perBenchmark,
    measure: file.measure,
    engine: file.engine,
    methods: Object.fromEntries(running.map((id) => [id, pickParts(methods[id]!)])),
  };
  const { settings, overrides } = applyAll(start, file.baseline, [
    ...stated,
    ...limitOverride(choice.limit),
    ...(choice.overrides ?? []),
  ]);

  const resolved: ResolvedExperiment = {
    id: file.id,
    title: file.title,
    layout: file.layout,
    ...(file.show === undefined ? {} : { show: file.show }),
    model,
    settings: modelSettings,
    profile,
    seed: settings.seed,
    limit: settings.limit,
    groups,
    baseline: file.baseline,
    methods: Object.fromEntries(running.map((id) => [id, { ...methods[id]!, ...settings.methods[id]! }])),
    benchmarks,
    average: file.average.filter((id) => benchmarks.includes(id)),
    generation: settings.generation,
    perBenchmark: settings.perBenchmark,
    taskGeneration: Object.fromEntries(
      benchmarks.map((id) => {
        const { generation, lengths } = library.task(id, profile).spec;
        const name = lengthsOf(file.lengths, id);
        return [id, { ...(name === undefined ? generation : lengths[name]) }];
      }),
    ),
    measure: settings.measure,
    engine: settings.engine,
    ...(file.paper === undefined ? {} : { paper: file.paper }),
  };
  const lengths = new Set(benchmarks.map((id) => generationOf(resolved, id).genLength));
  const settled = { ...resolved, methods: settleMethods(resolved.methods, overrides, [...lengths]) };
  checkRounds(settled.measure);
  refuseUnfit(settled);
  return settled;
}

/** A method of the package, or one that the file defines on top of it; its settings come as overrides. */
function defineMethod(
  id: string,
  definitions: ExperimentFile['definitions'],
  settings: SettingsId,
  library: Library,
): MethodConfig {
  const definition = Object.hasOwn(definitions, id) ? definitions[id] : undefined;
  if (definition === undefined) return library.method(id, settings);
  const method = library.method(definition.use, settings);
  return { ...method, id, name: definition.name ?? method.name };
}

/** Whether an override of the file is about something that runs: the rest of the file may be left out. */
function concerns(
  { path: [section, key = ''] }: Override,
  benchmarks: readonly string[],
  running: readonly string[],
  file: ExperimentFile,
): boolean {
  if (section === 'perBenchmark') return benchmarks.includes(key) || !file.benchmarks.includes(key);
  if (section !== 'methods') return true;
  return running.includes(key) || !file.groups.some((group) => group.methods.includes(key));
}

type Settings = z.output<typeof experimentSettings>;

/** Lays overrides over the settings one by one, and says what short paths stood for. */
function applyAll(
  start: Settings,
  baseline: string,
  overrides: readonly Override[],
): { settings: Settings; overrides: Override[] } {
  let settings = start;
  const expanded: Override[] = [];
  for (const override of overrides) {
    const own = expandMethodPath(override, settings.methods, baseline);
    settings = applyOverrides(experimentSettings, settings, own);
    expanded.push(...own);
  }
  return { settings, overrides: expanded };
}

/** Refuses, before anything runs, a method that cannot decode with this model or on this canvas. */
function refuseUnfit(experiment: ResolvedExperiment): void {
  const { methods, benchmarks, model } = experiment;
  for (const [id, method] of Object.entries(methods)) {
    for (const benchmark of benchmarks) {
      try {
        createMethod(method, model.family, generationOf(experiment, benchmark));
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        throw new UsageError(error.code, `method "${id}" on ${benchmark}: ${error.message}`);
      }
    }
  }
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
      const { origin } = overrides.find(({ path }) => path[1] === id && path[2] === 'cache')!;
      throw new UsageError(
        'SET_OVERRULED',
        `${origin.startsWith('--set') ? `--set methods.${id}.cache` : origin}: benchmarks differ in genLength (${lengths.join(', ')}), so set ` +
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
 * digest as well. How speed is measured, what the engine leaves out and what is written about a method decide no answer, so a run may be
 * resumed with another time budget, or after a note was reworded.
 */
export function experimentSha256(experiment: ResolvedExperiment): string {
  const { model, methods, measure: _, engine: _engine, show: _show, ...rest } = experiment;
  const parts = Object.entries(methods).map(([id, method]) => [id, pickParts(method)]);
  return canonicalSha256({ ...rest, model: model.id, methods: Object.fromEntries(parts) });
}

/**
 * Hex sha256 of what decides the numbers of one cell, and of nothing else: a run of some of the methods has the
 * same cells as a run of all. The model stands beside it in every file, by a digest of its own.
 */
export function cellSha256(experiment: ResolvedExperiment, benchmark: string, method: string): string {
  const { cache, unmask } = experiment.methods[method]!;
  const { profile, seed, limit } = experiment;
  const { longCanvas, ...generation } = generationOf(experiment, benchmark);
  return canonicalSha256({
    ...{ profile, benchmark, seed, limit, cache, unmask },
    // The default is left out, so that cells keep the digests that they had before there was a choice.
    generation: longCanvas === 'refuse' ? generation : { ...generation, longCanvas },
  });
}

function limitOverride(limit: number | undefined): Override[] {
  if (limit === undefined) return [];
  return [{ path: ['limit'], text: String(limit), origin: `--limit ${limit}` }];
}

function pickParts({ cache, unmask }: MethodConfig): MethodParts {
  return { cache, unmask };
}
