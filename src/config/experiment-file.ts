import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import { didYouMean } from '../suggest.js';
import { type ExperimentLayer, experimentLayer } from './experiment-schema.js';
import { valueAt } from './issues.js';
import { listConfigs } from './method.js';
import { mergeLayers, without } from './schema-walk.js';
import { readYaml, type YamlFile } from './yaml.js';

type Path = readonly (string | number)[];

/** An experiment file laid over those that it extends. Values keep their places in the files they are from. */
export interface LayeredFile {
  /** Name of the file without folder and ending. */
  readonly name: string;
  readonly value: ExperimentLayer;
  /** `file:line:column` of a value, or of its key. */
  placeOf(path: Path, atKey?: boolean): string;
  errorAt(path: Path, message: string): UsageError;
}

const folders = ['experiments', 'sweeps'] as const;

/** Ids of the files in a folder of `configs/`. */
export function listExperimentFiles(folder: (typeof folders)[number], root: string = packageRoot): string[] {
  const path = join(root, 'configs', folder);
  return existsSync(path) ? listConfigs(path) : [];
}

/**
 * The path of an experiment or sweep of the package, or of a file of the user's.
 *
 * @param base Folder that relative paths start from.
 * @throws UsageError `EXPERIMENT_UNKNOWN`
 */
export function findExperiment(idOrPath: string, root: string = packageRoot, base = '.'): string {
  for (const folder of folders) {
    if (listExperimentFiles(folder, root).includes(idOrPath))
      return join(root, 'configs', folder, `${idOrPath}.yaml`);
  }
  const path = base === '.' ? idOrPath : resolve(base, idOrPath);
  if (idOrPath !== '' && (existsSync(path) || /[/\\]|\.ya?ml$/.test(idOrPath))) return path;
  const ids = folders.flatMap((folder) => listExperimentFiles(folder, root));
  throw new UsageError(
    'EXPERIMENT_UNKNOWN',
    `there is no experiment "${idOrPath}", nor a file of that name; there are ${ids.join(', ')}.` +
      didYouMean(idOrPath, ids),
  );
}

/**
 * Reads an experiment file and those that it extends.
 *
 * @throws UsageError as `readYaml`; files that extend each other in a circle are refused where it closes.
 */
export function readLayers(path: string, root: string = packageRoot): LayeredFile {
  const layers = readChain(path, root, []);
  const value = layers.map((layer) => layer.value).reduceRight((lower, upper) => layOver(lower, upper));
  /** The file that decided the value; of one that no file has, the file that was asked for. */
  const owner = (place: Path) =>
    layers.find((layer) => valueAt(layer.value, place) !== undefined) ?? layers[0]!;
  return {
    name: basename(path).replace(/\.ya?ml$/, ''),
    value,
    placeOf: (place, atKey) => owner(place).placeOf(place, atKey),
    errorAt: (place, message) => owner(place).errorAt(place, message),
  };
}

type Layer = YamlFile<ExperimentLayer>;

/** Reads one file, with its keys in its own order: a sweep varies what stands first slowest. */
function readLayer(path: string): Layer {
  const file = readYaml(path, experimentLayer);
  return { ...file, value: file.raw as ExperimentLayer };
}

/** The file, then the one it extends, and so on. */
function readChain(path: string, root: string, above: readonly string[]): [Layer, ...Layer[]] {
  const layer = readLayer(path);
  const { extends: base } = layer.value;
  if (base === undefined) return [layer];
  const chain = [...above, resolve(path)];
  const next = locateBase(layer, base, dirname(path), root);
  if (chain.includes(resolve(next))) {
    throw layer.errorAt(['extends'], `"extends: ${base}" leads back to a file that extends this one.`);
  }
  return [layer, ...readChain(next, root, chain)];
}

function locateBase(layer: Layer, base: string, folder: string, root: string): string {
  try {
    const path = findExperiment(base, root, resolve(folder));
    if (existsSync(path)) return path;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw layer.errorAt(['extends'], error.message);
  }
  throw layer.errorAt(['extends'], `there is no file "${base}" next to this one.`);
}

const methodKeys = ['groups', 'methods', 'method'] as const;
const benchmarkKeys = ['benchmarks', 'benchmark'] as const;

/**
 * One layer over another, key by key. Identity does not go on: a changed table is another experiment. A new list of
 * methods or benchmarks replaces the old one in any of its forms, with what was said about benchmarks that are
 * gone; another profile has tasks of its own, so pins of the old one go too; a path that is set or swept above is
 * neither below.
 */
function layOver(lower: ExperimentLayer, upper: ExperimentLayer): ExperimentLayer {
  const kept = without(lower, ['id', 'title', 'extends']);
  const methods = methodKeys.some((key) => key in upper) ? without(kept, methodKeys) : kept;
  const columns = benchmarkKeys.some((key) => key in upper) ? forBenchmarks(methods, upper) : methods;
  const otherTasks = [upper, upper.grid ?? {}, upper.zip ?? {}].some((section) => 'profile' in section);
  const below = otherTasks ? without(columns, ['pins']) : columns;
  const paths = ['overrides', 'grid', 'zip'] as const;
  const said = paths.flatMap((key) => Object.keys(upper[key] ?? {}));
  const cleared = Object.fromEntries(
    paths
      .map((key) => [key, without(below[key] ?? {}, said as never[])] as const)
      .filter(([, left]) => Object.keys(left).length > 0),
  );
  return mergeLayers(without(below, paths), cleared, upper) as ExperimentLayer;
}

function forBenchmarks(lower: ExperimentLayer, upper: ExperimentLayer): ExperimentLayer {
  const { benchmarks = [], benchmark } = upper;
  const running = benchmark === undefined ? benchmarks : [benchmark, ...benchmarks];
  const average = lower.average?.filter((id) => running.includes(id)) ?? [];
  const ofRunning = <T>(record: Readonly<Record<string, T>> = {}) =>
    Object.fromEntries(Object.entries(record).filter(([id]) => running.includes(id)));
  return {
    ...without(lower, [...benchmarkKeys, 'average']),
    ...(average.length === 0 ? {} : { average }),
    perBenchmark: ofRunning(lower.perBenchmark),
    pins: ofRunning(lower.pins),
  };
}
