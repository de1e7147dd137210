import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import type { DataSource } from '../tasks/data/source.js';
import { canonicalSha256 } from './canonical.js';
import { composeExperiment } from './compose.js';
import type { ExperimentFile } from './experiment.js';
import { findExperiment, type LayeredFile, readLayers } from './experiment-file.js';
import type { ExperimentPlan, ExperimentPoint } from './experiment-plan.js';
import { faultOfFile, faultOfPoint } from './fault.js';
import { Library } from './library.js';
import { type Override, valueText } from './overrides.js';
import { type ExperimentChoice, type ResolvedExperiment, resolveExperiment } from './resolve-experiment.js';
import { expandSweep, pointText, type SweepPoint, sweptPaths } from './sweep.js';
import { sweepAxes } from './sweep-axes.js';

/** What a command line changes of an experiment file or sweep. */
export interface PlanChoice extends Omit<ExperimentChoice, 'profile'> {
  /** Take as many samples as the file says for a quick look. */
  readonly quick?: boolean;
  /** Where data sets are. */
  readonly data?: DataSource;
}

/**
 * Everything that a file and a command line ask for: one experiment, or one for every point of a sweep. Nothing is
 * opened but configs, tasks and, for pinned data, the data files.
 *
 * @param idOrPath Id of an experiment or sweep of the package, or a file.
 * @throws UsageError with file, line and column for what the file says, and with the flag for what was typed.
 */
export function planExperiment(
  idOrPath: string,
  choice: PlanChoice = {},
  root: string = packageRoot,
): ExperimentPlan {
  const { data = {}, ...asked } = choice;
  const layers = readLayers(findExperiment(idOrPath, root), root);
  const file = composeExperiment(layers, root, data);
  refuseSwept(layers, file, choice);
  const { quick = false, ...typed } = asked;
  const limited: ExperimentChoice = quick ? { ...typed, limit: file.quick } : typed;
  const library = new Library(root, data);
  const resolve = (point: SweepPoint) => resolveExperiment(file, pointChoice(limited, point), root, library);
  const points = expandSweep(layers).map((point) => {
    const params = Object.fromEntries(point.map(({ path, value }) => [path, value]));
    try {
      return { point, params, experiment: resolve(point) };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const ofModel = error.code === 'MODEL_UNKNOWN' && choice.model === undefined;
      if (ofModel && !sweptPaths(layers).includes('model')) throw layers.errorAt(['model'], error.message);
      throw faultOfPoint(error, point, resolve) ?? faultOfFile(error, layers, file, root) ?? error;
    }
  });
  refuseEqual(points);
  refuseGrid(layers, file, points);
  const [first, ...rest] = points.map(({ params, experiment }): ExperimentPoint => ({ params, experiment }));
  return { id: file.id, title: file.title, points: [first!, ...rest], data };
}

/** What is typed holds for every point, so it may not be what the points differ in. */
function refuseSwept(layers: LayeredFile, file: ExperimentFile, choice: PlanChoice): void {
  const paths = sweptPaths(layers);
  const refuse = (typed: string, path: string | undefined) => {
    if (path === undefined) return;
    throw new UsageError(
      'SET_SWEPT',
      `${typed}: "${path}" is swept by the file (${pathPlace(layers, path)}); leave the flag out, or take the path ` +
        'out of the sweep.',
    );
  };
  const find = (name: string) => paths.find((path) => path === name);
  if (choice.model !== undefined) refuse('--model', find('model'));
  if (choice.limit !== undefined) refuse('--limit', find('limit'));
  if (choice.quick === true) refuse('--quick', find('limit'));
  if (choice.benchmarks !== undefined) refuse('--benchmarks', find('benchmark'));
  for (const { path, origin } of choice.overrides ?? []) {
    refuse(
      origin,
      paths.find((swept) => sameSetting(swept.split('.'), path)),
    );
  }
  const leftOut = (section: string, all: readonly string[], chosen: readonly string[] | undefined) =>
    paths.find((path) => {
      const [root, id = ''] = path.split('.');
      return root === section && chosen !== undefined && all.includes(id) && !chosen.includes(id);
    });
  const methods = file.groups.flatMap((group) => group.methods);
  const rows = choice.methods === undefined ? undefined : [...choice.methods, file.baseline];
  refuse('--benchmarks', leftOut('perBenchmark', file.benchmarks, choice.benchmarks));
  refuse('--methods', leftOut('methods', methods, rows));
}

/** Whether two paths may set the same thing: `method.cache.tau` is that of `methods.<any>` too. */
function sameSetting(a: readonly string[], b: readonly string[]): boolean {
  const [short, long] = a[0] === 'method' ? [a, b] : [b, a];
  if (short[0] === 'method' && long[0] === 'methods')
    return short.slice(1).join('.') === long.slice(2).join('.');
  return a.join('.') === b.join('.');
}

function pathPlace({ value, placeOf }: LayeredFile, path: string): string {
  return placeOf([value.grid?.[path] === undefined ? 'zip' : 'grid', path], true);
}

/** The command line's choice with the values of a point; paths that are no setting choose by name. */
function pointChoice(choice: ExperimentChoice, point: SweepPoint): ExperimentChoice {
  const named = (name: string) => point.find(({ path }) => path === name)?.value;
  const model = named('model');
  const profile = named('profile');
  const benchmark = named('benchmark');
  const overrides = point
    .filter(({ path }) => path !== 'model' && path !== 'profile' && path !== 'benchmark')
    .map(
      ({ path, value, place, pathPlace }): Override => ({
        path: path.split('.'),
        text: valueText(value),
        origin: place,
        pathOrigin: pathPlace,
      }),
    );
  return {
    ...choice,
    ...(model === undefined ? {} : { model: String(model) }),
    ...(profile === undefined ? {} : { profile: String(profile) }),
    ...(benchmark === undefined ? {} : { benchmarks: [String(benchmark)] }),
    overrides: [...overrides, ...(choice.overrides ?? [])],
  };
}

/** A grid has as many axes as a sheet of paper. */
function refuseGrid(
  layers: LayeredFile,
  { layout }: ExperimentFile,
  points: readonly Pick<ExperimentPoint, 'params'>[],
): void {
  if (layout !== 'grid') return;
  const axes = sweepAxes(points);
  if (axes.length === 1 || axes.length === 2) return;
  const swept = axes.map(({ paths }) => paths.join(' with ')).join(', ') || 'nothing';
  throw layers.errorAt(
    ['layout'],
    `"layout: grid" needs a sweep over one or two parameters, but this one is over ${axes.length} (${swept}); ` +
      'put those that go in step into "zip", or leave "layout" out.',
  );
}

/** Two points with the same content would be run once and shown twice. */
function refuseEqual(
  points: readonly { readonly point: SweepPoint; readonly experiment: ResolvedExperiment }[],
): void {
  const seen = new Map<string, SweepPoint>();
  for (const { point, experiment } of points) {
    const content = canonicalSha256({ ...experiment, measure: undefined, engine: undefined });
    const earlier = seen.get(content);
    if (earlier !== undefined) {
      const differing = point.findIndex(({ value }, i) => value !== earlier[i]?.value);
      throw new UsageError(
        'SWEEP_EQUAL',
        `${point[Math.max(differing, 0)]!.place}: the points (${pointText(earlier)}) and (${pointText(point)}) are ` +
          'the same experiment; leave one out.',
      );
    }
    seen.set(content, point);
  }
}
