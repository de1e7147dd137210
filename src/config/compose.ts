import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import { didYouMean } from '../suggest.js';
import type { DataSource } from '../tasks/data/source.js';
import { loadTask } from '../tasks/library.js';
import { engineOptions } from './engine-options.js';
import { type ExperimentFile, lengthsOf } from './experiment.js';
import type { LayeredFile } from './experiment-file.js';
import { measureOptions } from './measure-options.js';
import { composeMethods, fileOverrides } from './method-entries.js';
import { brokenPin } from './pins.js';

/** What a file of a user's need not say. */
const defaults = {
  layout: 'table1',
  model: 'reference',
  profile: 'mini',
  seed: 1234,
  limit: 32,
  baseline: 'vanilla',
  quick: 8,
} as const;

/**
 * Completes an experiment and checks that what it names exists.
 *
 * @throws UsageError with file, line and column.
 */
export function composeExperiment(
  layers: LayeredFile,
  root: string = packageRoot,
  source: DataSource = {},
): ExperimentFile {
  const { value, errorAt } = layers;
  const benchmarks = composeBenchmarks(layers);
  const profiles = swept(layers, 'profile') ?? [value.profile ?? defaults.profile];
  checkTasks(layers, benchmarks, profiles, root, source);
  const { baseline = defaults.baseline } = value;
  const methods = composeMethods(layers, baseline, root);
  for (const key of ['perBenchmark', 'pins', 'lengths'] as const) {
    const section = value[key] ?? {};
    const unknown = Object.keys(typeof section === 'string' ? {} : section).find(
      (id) => !benchmarks.includes(id),
    );
    if (unknown !== undefined) throw unknownBenchmark(layers, [key, unknown], unknown, benchmarks);
  }
  for (const [i, id] of (value.average ?? []).entries()) {
    if (!benchmarks.includes(id)) throw unknownBenchmark(layers, ['average', i], id, benchmarks);
  }
  const id = value.id ?? idOf(layers.name);
  const { generation, settings, paper } = value;
  if (id === '') throw errorAt([], 'the name of the file gives no id; add "id: my-experiment".');
  return {
    id,
    title: value.title ?? id,
    layout: value.layout ?? defaults.layout,
    show: value.show,
    model: value.model ?? String(swept(layers, 'model')?.[0] ?? defaults.model),
    profile: profiles[0]!,
    lengths: value.lengths,
    seed: value.seed ?? defaults.seed,
    limit: value.limit === undefined ? defaults.limit : value.limit,
    settings,
    groups: methods.groups,
    baseline,
    benchmarks,
    average:
      value.average ?? benchmarks.filter((benchmark) => loadTask(benchmark, profiles[0]!, root).inAverage),
    generation,
    perBenchmark: value.perBenchmark ?? {},
    measure: measureOptions.parse(value.measure ?? {}),
    engine: engineOptions.parse(value.engine ?? {}),
    quick: value.quick ?? defaults.quick,
    paper,
    definitions: methods.definitions,
    overrides: [...methods.overrides, ...fileOverrides(layers)],
  };
}

/** The values of a swept name (`model`, `profile`, `benchmark`). */
function swept({ value }: LayeredFile, name: string): string[] | undefined {
  return (value.grid?.[name] ?? value.zip?.[name])?.map(String);
}

function composeBenchmarks(layers: LayeredFile): string[] {
  const { value, errorAt } = layers;
  if (value.benchmarks !== undefined && value.benchmark !== undefined) {
    throw errorAt(['benchmark'], '"benchmark" and "benchmarks" say the same; keep one of them.');
  }
  const listed = value.benchmark === undefined ? value.benchmarks : [value.benchmark];
  const points = swept(layers, 'benchmark') ?? [];
  const outside = points.findIndex((id) => listed !== undefined && !listed.includes(id));
  if (listed !== undefined && outside >= 0) {
    const place = [value.grid?.benchmark === undefined ? 'zip' : 'grid', 'benchmark', outside] as const;
    throw unknownBenchmark(layers, place, points[outside]!, listed);
  }
  const benchmarks = listed ?? [...new Set(points)];
  if (benchmarks.length === 0) {
    throw errorAt([], '"benchmarks" is missing; write for example "benchmarks: [gsm8k]".');
  }
  benchmarks.forEach((id, i) => {
    if (benchmarks.indexOf(id) !== i) throw errorAt(['benchmarks', i], `benchmark "${id}" is listed twice.`);
  });
  return benchmarks;
}

/** Where the file names a benchmark: in one of three forms. */
function benchmarkPlace({ value }: LayeredFile, i: number): (string | number)[] {
  if (value.benchmark !== undefined) return ['benchmark'];
  if (value.benchmarks !== undefined) return ['benchmarks', i];
  return value.grid?.benchmark === undefined ? ['zip', 'benchmark', i] : ['grid', 'benchmark', i];
}

function checkTasks(
  layers: LayeredFile,
  benchmarks: readonly string[],
  profiles: readonly string[],
  root: string,
  source: DataSource,
): void {
  const { value, errorAt } = layers;
  for (const [p, profile] of profiles.entries()) {
    for (const [i, id] of benchmarks.entries()) {
      try {
        loadTask(id, profile, root);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        const ofProfile = error.code === 'TASK_PROFILE_UNKNOWN';
        const place = value.profile === undefined ? profilePlace(layers, p) : ['profile'];
        throw errorAt(ofProfile ? place : benchmarkPlace(layers, i), error.message);
      }
    }
  }
  checkLengths(layers, benchmarks, profiles, root);
  checkPins(layers, benchmarks, profiles, root, source);
}

/** Refuses lengths that a task file does not have. */
function checkLengths(
  { value, errorAt }: LayeredFile,
  benchmarks: readonly string[],
  profiles: readonly string[],
  root: string,
): void {
  for (const profile of profiles) {
    for (const id of benchmarks) {
      const lengths = lengthsOf(value.lengths, id);
      if (lengths === undefined) continue;
      const known = Object.keys(loadTask(id, profile, root).spec.lengths);
      if (known.includes(lengths)) continue;
      const has = known.length === 0 ? 'which has none' : `which has ${known.join(', ')}`;
      throw errorAt(
        typeof value.lengths === 'string' ? ['lengths'] : ['lengths', id],
        `"lengths" is "${lengths}", but that is no name in ${id}.${profile}, ${has};${didYouMean(lengths, known)} write one by benchmark, as in { ${id}: NAME }.`,
      );
    }
  }
}

/** Refuses a task that has changed since the experiment pinned it. */
function checkPins(
  { value, errorAt }: LayeredFile,
  benchmarks: readonly string[],
  profiles: readonly string[],
  root: string,
  source: DataSource,
): void {
  for (const [id, pin] of Object.entries(value.pins ?? {})) {
    if (!benchmarks.includes(id)) continue;
    const [broken] = profiles.flatMap((profile) => brokenPin(id, profile, pin, root, source) ?? []);
    if (broken === undefined) continue;
    throw errorAt(
      ['pins', id, broken.key],
      `"pins.${id}.${broken.key}" is ${JSON.stringify(pin[broken.key])}, but ${broken.found}: numbers would not ` +
        'compare with earlier ones; undo the change of the task, or change the pin.',
    );
  }
}

function profilePlace({ value }: LayeredFile, i: number): (string | number)[] {
  if (value.grid?.profile !== undefined) return ['grid', 'profile', i];
  return value.zip?.profile === undefined ? [] : ['zip', 'profile', i];
}

function unknownBenchmark(
  { errorAt }: LayeredFile,
  place: readonly (string | number)[],
  name: string,
  known: readonly string[],
): UsageError {
  const hint = didYouMean(name, known) || ` Known: ${known.join(', ')}.`;
  return errorAt(place, `there is no benchmark "${name}".${hint}`);
}

/** A file name as an id: `My sweep_2` becomes `my-sweep-2`. */
function idOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
