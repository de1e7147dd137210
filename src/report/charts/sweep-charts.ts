import type { Json } from '../../config/canonical.js';
import { groupBy } from '../../group-by.js';
import type { Figure } from '../report.js';
import type { Cell, Chart, Line, Mark, Panel, Rule } from './chart.js';
import { runFacts } from './facts.js';
import type { RunChartsInput } from './run-charts.js';

/** What a sweep is drawn of, in the units of its axis. */
const measures = [
  { figure: 'accuracy', label: 'accuracy %', scale: 100, digits: 1 },
  { figure: 'nfe', label: 'NFE (passes)', scale: 1, digits: 1 },
  { figure: 'tps', label: 'canvas tokens per second', scale: 1, digits: 1 },
] as const;
type Measure = (typeof measures)[number];

/**
 * The pictures of a sweep: of one parameter lines, of two a heat map with the figures in its cells. More parameters
 * have no picture of this kind.
 */
export function sweepCharts(input: RunChartsInput): Chart[] {
  const figures = input.report.figures.filter(({ ours }) => ours !== null);
  const paths = sweptPaths(figures);
  if (paths.length === 1) return [lineChart(input, figures, paths[0]!)];
  return paths.length === 2 ? [heatMap(input, figures, paths[0]!, paths[1]!)] : [];
}

/** Paths with several values, without those that go together with an earlier one, as `steps` with `genLength`. */
function sweptPaths(figures: readonly Figure[]): string[] {
  const all = [...new Set(figures.flatMap(({ params }) => Object.keys(params)))];
  const swept = all.filter((path) => path !== 'benchmark' && valuesOf(figures, path).length > 1);
  return swept.filter((path, i) => !swept.slice(0, i).some((other) => follows(figures, path, other)));
}

function follows(figures: readonly Figure[], path: string, other: string): boolean {
  const own = figures.filter(({ params }) => path in params);
  if (own.some(({ params }) => !(other in params))) return false;
  const seen = groupBy(own, ({ params }) => text(params[other]!));
  return [...seen.values()].every((members) => valuesOf(members, path).length === 1);
}

/** Values of a parameter, small before large where they are numbers. */
function valuesOf(figures: readonly Figure[], path: string): Json[] {
  const values = new Map(
    figures.filter(({ params }) => path in params).map(({ params }) => [text(params[path]!), params[path]!]),
  );
  const list = [...values.values()];
  return list.every((value) => typeof value === 'number') ? list.sort((a, b) => a - b) : list;
}

function text(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Figures of one measure, by method and benchmark. */
function blocksOf(figures: readonly Figure[], { figure }: Measure): Figure[][] {
  const own = figures.filter((one) => one.figure === figure);
  return [...groupBy(own, ({ method, column }) => `${method} ${column}`).values()];
}

function heatMap(input: RunChartsInput, figures: readonly Figure[], across: string, up: string): Chart {
  const panels = measures.flatMap((measure) =>
    blocksOf(figures, measure)
      .map((block) => block.filter(({ params }) => across in params && up in params))
      .filter((block) => block.length > 0)
      .map((block): Panel => {
        const { name, title } = block[0]!;
        const values = block.map(({ ours }) => ours! * measure.scale);
        const cells = block.map(({ params }, i): Cell => {
          const at = { x: text(params[across]!), y: text(params[up]!) };
          return { ...at, value: values[i]!, text: values[i]!.toFixed(measure.digits) };
        });
        return {
          title: `${name} on ${title}: ${measure.label}`,
          x: { kind: 'names', label: across, names: valuesOf(block, across).map(text) },
          y: { kind: 'names', label: up, names: valuesOf(block, up).map(text).reverse() },
          marks: [
            {
              kind: 'cells',
              cells,
              low: Math.min(...values),
              high: Math.max(...values),
              label: measure.label,
            },
          ],
        };
      }),
  );
  const fixed = blocksOf(figures, measures[0])
    .flat()
    .filter(({ params }) => !(across in params && up in params));
  return {
    ...{ id: 'sweep', title: `${across} against ${up}`, subtitle: runFacts(input.manifest) },
    notes: [
      'the fuller the colour, the higher',
      ...fixed.map(
        ({ name, title, ours }) =>
          `without these parameters: ${name} on ${title}, accuracy ${(100 * ours!).toFixed(1)} %`,
      ),
    ],
    ...{ series: [], panels },
  };
}

function lineChart(input: RunChartsInput, figures: readonly Figure[], path: string): Chart {
  const values = valuesOf(figures, path);
  const isNumber = values.every((value) => typeof value === 'number');
  const names = [...new Set(figures.filter(({ params }) => path in params).map(({ name }) => name))];
  const panels = measures.flatMap((measure) => {
    const own = figures.filter(({ figure }) => figure === measure.figure);
    return [...groupBy(own, ({ column }) => column).values()].map(
      (members): Panel => ({
        title: `${members[0]!.title}: ${measure.label}`,
        x: isNumber
          ? { kind: 'number', label: path }
          : { kind: 'names', label: path, names: values.map(text) },
        y: { kind: 'number', label: measure.label },
        marks: [
          ...names.flatMap((name, series) =>
            seriesMarks(
              members.filter((one) => one.name === name && path in one.params),
              path,
              series,
              measure,
            ),
          ),
          ...members
            .filter(({ params }) => !(path in params))
            .map((one): Rule => {
              return { kind: 'rule', axis: 'y', value: one.ours! * measure.scale, label: one.name };
            }),
        ],
      }),
    );
  });
  return {
    ...{ id: 'sweep', title: `Accuracy, passes and speed by ${path}`, subtitle: runFacts(input.manifest) },
    notes: ['bands and lines through the marks: 95 % intervals; dotted lines: methods without the parameter'],
    series: names.map((name) => ({ name })),
    panels,
  };
}

/** A line through numbers; marks alone where values have no order. */
function seriesMarks(figures: readonly Figure[], path: string, series: number, { scale }: Measure): Mark[] {
  const points = figures.map(({ params, ours, low, high }) => ({
    ...{ x: params[path]!, y: ours! * scale },
    ...{ low: low === null ? null : low * scale, high: high === null ? null : high * scale },
  }));
  if (points.length === 0) return [];
  if (points.every(({ x }) => typeof x === 'number')) {
    const ordered = (points as Line['points'][number][]).toSorted((a, b) => a.x - b.x);
    return [{ kind: 'line', series, points: ordered, hasDots: true, label: '' }];
  }
  const dots = points.map(({ x, y, low, high }) => ({
    ...{ x: text(x), y, series, xLow: null, xHigh: null, yLow: low, yHigh: high, label: '' },
  }));
  return [{ kind: 'dots', dots }];
}
