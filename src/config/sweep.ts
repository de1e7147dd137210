import { didYouMean } from '../suggest.js';
import { canonicalJson, type Json } from './canonical.js';
import type { LayeredFile } from './experiment-file.js';

/** One swept value, and where the file has it. */
export interface SweptValue {
  /** As the file writes it: `method.cache.layerBudget`, `model`. */
  readonly path: string;
  readonly value: Json;
  /** `file:line:column` of the value. */
  readonly place: string;
  /** The same of the path. */
  readonly pathPlace: string;
}

/** The values of one point, in the order of the file. */
export type SweepPoint = readonly SweptValue[];

/** What a sweep does not reach: it decides no number, or is no setting. */
const notSwept = [
  'measure',
  'engine',
  'quick',
  'id',
  'title',
  'layout',
  'show',
  'paper',
  'benchmarks',
  'average',
];

/**
 * The points of a file: every combination of the values of `grid` with every step of `zip`, the first of the file
 * varying slowest. One point without values for a file that sweeps nothing.
 *
 * @throws UsageError with file, line and column.
 */
export function expandSweep(layers: LayeredFile): [SweepPoint, ...SweepPoint[]] {
  const { value, errorAt } = layers;
  checkPaths(layers);
  const grid = Object.keys(value.grid ?? {}).map((path) => steps(layers, 'grid', [path]));
  const zipped = Object.keys(value.zip ?? {});
  const zip = zipped.length === 0 ? [] : [steps(layers, 'zip', zipped)];
  const order = Object.keys(value).filter((key) => key === 'grid' || key === 'zip');
  const dimensions = order[0] === 'zip' ? [...zip, ...grid] : [...grid, ...zip];
  const all = dimensions.reduce<SweepPoint[]>(
    (points, dimension) => points.flatMap((point) => dimension.map((step) => [...point, ...step])),
    [[]],
  );
  const [first, ...rest] = leaveOut(layers, all);
  if (first === undefined) throw errorAt(['exclude'], '"exclude" leaves no point of the sweep.');
  return [first, ...rest];
}

/** The paths that a file sweeps. */
export function sweptPaths({ value }: LayeredFile): string[] {
  return [...Object.keys(value.grid ?? {}), ...Object.keys(value.zip ?? {})];
}

/** The values of one point as text: `generation.genLength=64, generation.steps=64`. */
export function pointText(point: SweepPoint): string {
  return point.map(({ path, value }) => `${path}=${value}`).join(', ');
}

function checkPaths(layers: LayeredFile): void {
  const { value, errorAt, placeOf } = layers;
  for (const path of Object.keys(value.zip ?? {})) {
    if (value.grid?.[path] === undefined) continue;
    throw errorAt(['zip', path], `"${path}" is swept by "grid" (${placeOf(['grid', path], true)}) already.`);
  }
  const lists = Object.entries(value.zip ?? {});
  const [first] = lists;
  for (const [path, list] of lists) {
    if (list.length === first![1].length) continue;
    throw errorAt(
      ['zip', path],
      `"zip.${path}" has ${list.length} values, but "zip.${first![0]}" has ${first![1].length}; lists in step ` +
        'need one length.',
    );
  }
  for (const key of ['grid', 'zip'] as const) {
    for (const path of Object.keys(value[key] ?? {})) {
      if (value.overrides?.[path] !== undefined) {
        throw errorAt(
          [key, path],
          `"${path}" is swept here and set by "overrides" (${placeOf(['overrides', path], true)}); keep one of them.`,
        );
      }
      if (notSwept.includes(path.split('.')[0]!)) {
        const hint = path === 'benchmarks' ? ' Did you mean "benchmark"?' : '';
        throw errorAt([key, path], `"${path}" cannot be swept: it decides no number of a cell.${hint}`);
      }
    }
  }
}

/** The steps of one dimension: the values of one path of the grid, or those of all zipped paths. */
function steps(layers: LayeredFile, key: 'grid' | 'zip', paths: readonly string[]): SweptValue[][] {
  const lists = layers.value[key]!;
  return lists[paths[0]!]!.map((_, i) =>
    paths.map((path) => ({
      path,
      value: lists[path]![i]!,
      place: layers.placeOf([key, path, i]),
      pathPlace: layers.placeOf([key, path], true),
    })),
  );
}

function leaveOut(layers: LayeredFile, points: readonly SweepPoint[]): SweepPoint[] {
  const { value, errorAt } = layers;
  const paths = sweptPaths(layers);
  let left = [...points];
  for (const [i, excluded] of (value.exclude ?? []).entries()) {
    const unknown = Object.keys(excluded).find((path) => !paths.includes(path));
    if (unknown !== undefined) {
      const hint = didYouMean(unknown, paths) || ` Swept: ${paths.join(', ') || 'nothing'}.`;
      throw errorAt(['exclude', i, unknown], `"${unknown}" is not swept.${hint}`);
    }
    const matches = (point: SweepPoint) =>
      point.every(
        ({ path, value: own }) =>
          excluded[path] === undefined || canonicalJson(excluded[path]) === canonicalJson(own),
      );
    if (!points.some(matches)) throw errorAt(['exclude', i], 'no point of the sweep has these values.');
    left = left.filter((point) => !matches(point));
  }
  return left;
}
