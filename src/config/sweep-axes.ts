import { canonicalJson, type Json } from './canonical.js';

/** A direction of a sweep: the paths whose values change together, and what they take from point to point. */
export interface SweepAxis {
  /** Those in step (`zip`) share an axis; the first names it. */
  readonly paths: readonly [string, ...string[]];
  /** One entry a place on the axis: the value of each path. */
  readonly values: readonly (readonly Json[])[];
}

/** Every benchmark has tables of its own, so `benchmark` is no axis. */
const noAxis = 'benchmark';

/**
 * The axes that the points of a sweep spread over, in the order of the file. Paths whose values determine each other
 * are one axis, whichever of `grid` and `zip` they come from: a manifest tells the points alone.
 */
export function sweepAxes(
  points: readonly { readonly params: Readonly<Record<string, Json>> }[],
): SweepAxis[] {
  const paths = [...new Set(points.flatMap(({ params }) => Object.keys(params)))];
  const axes: [string, ...string[]][] = [];
  for (const path of paths.filter((one) => one !== noAxis)) {
    const twin = axes.find(([first]) => inStep(points, first, path));
    if (twin === undefined) axes.push([path]);
    else twin.push(path);
  }
  return axes.map((own) => {
    const places = new Map(
      points.map(({ params }) => {
        const values = own.map((path) => params[path] ?? null);
        return [canonicalJson(values), values] as const;
      }),
    );
    return { paths: own, values: [...places.values()] };
  });
}

/** Whether each value of one path comes with one value of the other, and the other way round. */
function inStep(
  points: readonly { readonly params: Readonly<Record<string, Json>> }[],
  a: string,
  b: string,
): boolean {
  const count = (...paths: readonly string[]): number =>
    new Set(points.map(({ params }) => canonicalJson(paths.map((path) => params[path] ?? null)))).size;
  const together = count(a, b);
  return together === count(a) && together === count(b);
}
