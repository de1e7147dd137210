import { groupBy } from '../../group-by.js';
import type { Figure } from '../report.js';
import type { Chart, Line, Mark, Panel, Rule } from './chart.js';
import { runFacts } from './facts.js';
import type { RunChartsInput } from './run-charts.js';
import { type Measure, measures, sharers, text, valuesOf } from './sweep-params.js';

/** A picture of one parameter: a panel a measure and benchmark, a line a method. */
export function lineChart(input: RunChartsInput, figures: readonly Figure[], path: string): Chart {
  const values = valuesOf(figures, path);
  const label = [path, ...sharers(figures, path)].join(' and ');
  const isNumber = values.every((value) => typeof value === 'number');
  const names = [...new Set(figures.filter(({ params }) => path in params).map(({ name }) => name))];
  const panels = measures.flatMap((measure) => {
    const own = figures.filter(({ figure }) => figure === measure.figure);
    return [...groupBy(own, ({ column }) => column).values()].map(
      (members): Panel => ({
        title: `${members[0]!.title}: ${measure.label}`,
        x: isNumber ? { kind: 'number', label } : { kind: 'names', label, names: values.map(text) },
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
          ...fixedOf(members, path).near.map((one): Rule => {
            return { kind: 'rule', axis: 'y', value: one.ours! * measure.scale, label: one.name };
          }),
        ],
      }),
    );
  });
  const far = measures.flatMap((measure) => {
    const own = figures.filter(({ figure }) => figure === measure.figure);
    return [...groupBy(own, ({ column }) => column).values()].flatMap((members) =>
      fixedOf(members, path).far.map(
        ({ name, title, ours }) =>
          `${name} on ${title}, ${measure.label} ${(ours! * measure.scale).toFixed(measure.digits)}`,
      ),
    );
  });
  return {
    ...{ id: 'sweep', title: `Accuracy, speed and passes by ${label}`, subtitle: runFacts(input.manifest) },
    notes: [
      'bands and lines through the marks: 95 % intervals; dotted lines: methods without the parameter',
      ...(far.length === 0 ? [] : [`too far away to be drawn: ${far.join(', ')}`]),
    ],
    series: names.map((name) => ({ name })),
    panels,
  };
}

/** Methods without the parameter: those beside which the others can still be told apart, and those too far away. */
function fixedOf(
  figures: readonly Figure[],
  path: string,
): { readonly near: Figure[]; readonly far: Figure[] } {
  const swept = figures.filter(({ params }) => path in params).map(({ ours }) => ours!);
  const [low, high] = [Math.min(...swept) / 3, Math.max(...swept) * 3];
  const fixed = figures.filter(({ params }) => !(path in params));
  const isNear = ({ ours }: Figure): boolean => ours! >= low && ours! <= high;
  return { near: fixed.filter(isNear), far: fixed.filter((one) => !isNear(one)) };
}

/** A line through numbers; marks alone where values have no order. */
function seriesMarks(figures: readonly Figure[], path: string, series: number, { scale }: Measure): Mark[] {
  const points = figures.map(({ params, ours, low, high }) => ({
    ...{ x: params[path]!, y: ours! * scale },
    ...{ low: low === null ? null : low * scale, high: high === null ? null : high * scale },
  }));
  if (points.length === 0) return [];
  if (points.every(({ x }) => typeof x === 'number')) {
    const inOrder = (points as Line['points'][number][]).toSorted((a, b) => a.x - b.x);
    return [{ kind: 'line', series, points: inOrder, hasDots: true, label: '' }];
  }
  const dots = points.map(({ x, y, low, high }) => ({
    ...{ x: text(x), y, series, xLow: null, xHigh: null, yLow: low, yHigh: high, label: '' },
  }));
  return [{ kind: 'dots', dots }];
}
