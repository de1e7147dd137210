import { groupBy } from '../../group-by.js';
import type { Cells, Chart, Panel } from './chart.js';
import type { FigureRow } from './figure-rows.js';

/** Panels a to d: what, in which tensor. */
const panels = [
  { letter: 'a', feature: 'layer-input', name: 'layer input', column: 'similarity' },
  { letter: 'b', feature: 'attention-output', name: 'attention output', column: 'similarity' },
  { letter: 'c', feature: 'layer-input', name: 'layer input', column: 'share_below_0.95' },
  { letter: 'd', feature: 'attention-output', name: 'attention output', column: 'share_below_0.95' },
] as const;

/** Figure 2 a to d of every benchmark: heat maps of the response's rows by layer and step. */
export function figure2Charts(rows: readonly FigureRow[], subtitle: string): Chart[] {
  const response = rows.filter((row) => row.text('scope') === 'response');
  return [...groupBy(response, (row) => row.text('benchmark'))].map(([benchmark, own]): Chart => {
    const drawn = panels.map((panel) => {
      const cells = own
        .filter((row) => row.text('feature') === panel.feature)
        .map((row) => ({
          ...{ x: row.number('step'), y: row.number('layer'), value: row.number(panel.column), text: '' },
        }));
      return { panel, cells };
    });
    const all = (column: string): number[] =>
      drawn.flatMap(({ panel, cells }) => (panel.column === column ? cells.map(({ value }) => value) : []));
    return {
      id: `figure2-${benchmark}`,
      title: `How alike rows are from step to step, ${benchmark}`,
      subtitle,
      notes: [
        'rows of the response; similarity: mean cosine with the step before; needs an update: share of rows whose ' +
          'cosine is below 0.95',
        'the fuller the colour, the higher; pairs of panels have one scale',
      ],
      series: [],
      panels: drawn.map(({ panel, cells }): Panel => {
        const values = all(panel.column);
        const isShare = panel.column !== 'similarity';
        const low = isShare ? 0 : Math.min(...values);
        const high = isShare ? Math.max(...values) : 1;
        const label = isShare ? 'needs an update' : 'similarity';
        const ends = isShare
          ? `0 to ${(100 * high).toPrecision(3)} % of rows`
          : `${low.toPrecision(4)} to ${high}`;
        const mark: Cells = { kind: 'cells', cells, low, high, label };
        return {
          title: `${panel.letter}  ${panel.name}: ${label} (${ends})`,
          x: { kind: 'number', label: 'step', whole: true, domain: edges(cells.map(({ x }) => x)) },
          y: { kind: 'number', label: 'layer', whole: true, domain: edges(cells.map(({ y }) => y)) },
          marks: [mark],
          ratio: 0.5,
        };
      }),
    };
  });
}

/** Cells are one wide and high. */
function edges(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values) - 0.5, Math.max(...values) + 0.5];
}
