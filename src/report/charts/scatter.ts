import { groupBy } from '../../group-by.js';
import type { Figure } from '../report.js';
import type { Chart, Dot, Panel } from './chart.js';
import { runFacts } from './facts.js';
import type { RunChartsInput } from './run-charts.js';
import { baselineOf } from './speed-bars.js';

/** Up to so many series, and to so many characters, marks bear names; others bear numbers that the legend tells. */
const mostNames = 5;
const longestName = 16;
/** Of more settings than this no picture tells one from another. */
const mostSettings = 40;

/**
 * Accuracy against speed-up, a panel a benchmark: what a method gains, and what it costs. None of a sweep with very
 * many settings.
 */
export function speedAccuracy({ report, manifest }: RunChartsInput): Chart[] {
  const accuracies = report.figures.filter(({ figure }) => figure === 'accuracy');
  const speeds = new Map(
    report.figures.filter(({ figure }) => figure === 'speedup').map((one) => [keyOf(one), one]),
  );
  const points = accuracies.flatMap((accuracy) => {
    const speed = speeds.get(keyOf(accuracy));
    return accuracy.ours === null || speed?.ours == null ? [] : [{ accuracy, speed }];
  });
  if (points.length === 0) return [];
  const names = [...new Set(points.map(({ accuracy }) => nameOf(accuracy)))];
  if (names.length > mostSettings) return [];
  const baseline = baselineOf(manifest);
  const isBaseline = (name: string): boolean =>
    points.some(({ accuracy }) => accuracy.method === baseline && nameOf(accuracy) === name);
  const isNumbered = names.length > mostNames || names.some((name) => name.length > longestName);
  // Ratios of 2 and of 20 in one picture: on a straight axis the smaller ones fall together.
  const isLog = points.every(({ speed }) => speed.ours! > 0 && (speed.low ?? 1) > 0);
  const panels = [...groupBy(points, ({ accuracy }) => accuracy.column).values()].map(
    (members): Panel => ({
      title: members[0]!.accuracy.title,
      x: { kind: 'number', label: 'speed-up over the baseline', scale: isLog ? 'log' : 'linear' },
      y: { kind: 'number', label: 'accuracy %' },
      marks: [
        {
          kind: 'dots',
          dots: members.map(({ accuracy, speed }): Dot => {
            const series = names.indexOf(nameOf(accuracy));
            const label = isNumbered ? String(series + 1) : names[series]!;
            return {
              ...{ x: speed.ours!, xLow: speed.low, xHigh: speed.high },
              ...{ y: percent(accuracy.ours)!, yLow: percent(accuracy.low), yHigh: percent(accuracy.high) },
              ...{ series, label },
            };
          }),
        },
      ],
    }),
  );
  return [
    {
      id: 'speed-accuracy',
      title: 'Accuracy against speed-up',
      subtitle: runFacts(manifest),
      notes: ['lines through the marks: 95 % intervals; right and up is better'],
      series: names.map((name, i) => ({
        name: isNumbered ? `${i + 1} ${name}` : name,
        ...(isBaseline(name) ? { isBaseline: true } : {}),
      })),
      panels,
      panelWidth: 340,
    },
  ];
}

function keyOf({ method, params, column }: Figure): string {
  return JSON.stringify([method, params, column]);
}

/** A method, in a sweep with its values: `apd 0.01 0.008`. */
function nameOf({ name, params }: Figure): string {
  const values = Object.entries(params)
    .filter(([path]) => path !== 'benchmark')
    .map(([, value]) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return [name, ...values].join(' ');
}

function percent(share: number | null): number | null {
  return share === null ? null : share * 100;
}
