import { UsageError } from '../errors.js';
import type { ExperimentFile } from './experiment.js';
import type { LayeredFile } from './experiment-file.js';
import { resolveExperiment } from './resolve-experiment.js';
import { without } from './schema-walk.js';
import { pointText, type SweepPoint, type SweptValue } from './sweep.js';

/**
 * An error about a point of a sweep, with the place of the value that makes it invalid: the one without which it
 * would be valid. Undefined if the point is not to blame.
 */
export function faultOfPoint(
  error: UsageError,
  point: SweepPoint,
  resolve: (point: SweepPoint) => unknown,
): UsageError | undefined {
  if (point.some(({ place, pathPlace }) => startsWithPlace(error, place, pathPlace))) return error;
  const isToBlame = (value: SweptValue) => succeeds(() => resolve(point.filter((other) => other !== value)));
  const guilty = point.find(isToBlame) ?? (succeeds(() => resolve([])) ? point[0] : undefined);
  if (guilty === undefined) return undefined;
  return new UsageError(error.code, `${guilty.place}: point (${pointText(point)}): ${error.message}`);
}

type Path = readonly (string | number)[];

/**
 * An error about what the file says, with its place: the first setting or method without which the file would be
 * valid. Undefined if the file by itself is valid, so that the command line is to blame.
 */
export function faultOfFile(
  error: UsageError,
  layers: LayeredFile,
  file: ExperimentFile,
  root: string,
): UsageError | undefined {
  if (file.overrides.some(({ origin, pathOrigin }) => startsWithPlace(error, origin, pathOrigin)))
    return error;
  const resolves = (variant: ExperimentFile) => succeeds(() => resolveExperiment(variant, {}, root));
  if (resolves(file)) return undefined;
  const place = variants(layers, file).find(({ variant }) => resolves(variant))?.place;
  return place === undefined ? undefined : layers.errorAt(place, error.message);
}

interface Variant {
  readonly place: Path;
  readonly variant: ExperimentFile;
}

/** The file without each of its settings and each of its methods. */
function variants(layers: LayeredFile, file: ExperimentFile): Variant[] {
  const { perBenchmark, generation = {}, overrides, groups } = file;
  return [
    ...Object.entries(perBenchmark).flatMap(([benchmark, layer]) =>
      keysOf(layer).map((key) => {
        const rest = { ...perBenchmark, [benchmark]: without(layer, [key]) };
        return { place: ['perBenchmark', benchmark, key], variant: { ...file, perBenchmark: rest } };
      }),
    ),
    ...keysOf(generation).map((key) => {
      return { place: ['generation', key], variant: { ...file, generation: without(generation, [key]) } };
    }),
    ...Object.keys(layers.value.overrides ?? {}).map((path) => {
      const rest = overrides.filter((override) => override.path.join('.') !== path);
      return { place: ['overrides', path], variant: { ...file, overrides: rest } };
    }),
    ...groups.flatMap(({ methods }, g) =>
      methods.map((id, m) => {
        const rest = groups.map((group) => ({
          ...group,
          methods: group.methods.filter((other) => other !== id),
        }));
        return { place: methodPlace(layers, g, m, id), variant: { ...file, groups: rest } };
      }),
    ),
  ];
}

function keysOf<T extends object>(record: T): (keyof T & string)[] {
  return Object.keys(record) as (keyof T & string)[];
}

function methodPlace({ value }: LayeredFile, g: number, m: number, id: string): Path {
  if (value.groups !== undefined) return ['groups', g, 'methods', m];
  if (value.methods === undefined) return ['method'];
  const index = value.methods.findIndex(
    (entry) => id === (typeof entry === 'string' ? entry : (entry.id ?? entry.use)),
  );
  return index < 0 ? ['methods'] : ['methods', index];
}

function startsWithPlace({ message }: UsageError, ...places: readonly (string | undefined)[]): boolean {
  return places.some((place) => place !== undefined && message.startsWith(`${place}: `));
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
