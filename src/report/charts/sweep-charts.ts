import { groupBy } from '../../group-by.js';
import type { Figure } from '../report.js';
import type { Cell, Chart, Panel } from './chart.js';
import { runFacts } from './facts.js';
import type { RunChartsInput } from './run-charts.js';
import { lineChart } from './sweep-lines.js';
import { type Measure, measures, sweptPaths, text, valuesOf } from './sweep-params.js';

/**
 * The pictures of a sweep: of one parameter lines, of two a heat map with the figures in its cells. More parameters
 * have no picture of this kind.
 */
export function sweepCharts(input: RunChartsInput): Chart[] {
  const figures = input.report.figures.filter(({ ours }) => ours !== null);
  const paths = sweptPaths(figures);
  if (paths.length === 0) return [];
  if (paths.length === 1) return [lineChart(input, figures, paths[0]!)];
  return paths.length === 2 ? [heatMap(input, figures, paths[0]!, paths[1]!)] : [];
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
