import { groupBy } from '../../group-by.js';
import type { Chart, Line, Panel } from './chart.js';
import type { FigureRow } from './figure-rows.js';

/** The threshold of APD by step (`tau.csv`): medians with a band over the middle half, a panel a benchmark. */
export function tauCharts(rows: readonly FigureRow[], subtitle: string): Chart[] {
  if (rows.length === 0) return [];
  const methods = [...new Set(rows.map((row) => row.text('method')))];
  const weights = (method: string): string => {
    const row = rows.find((one) => one.text('method') === method)!;
    const [alpha, beta] = [row.text('alpha'), row.text('beta')];
    return alpha === '' && beta === '' ? method : `${method} (alpha ${alpha}, beta ${beta})`;
  };
  return [
    {
      id: 'tau',
      title: 'The threshold tau by step',
      subtitle,
      notes: ['lines: medians over positions; bands: the middle half of them'],
      series: methods.map((method) => ({ name: weights(method) })),
      panels: [...groupBy(rows, (row) => row.text('benchmark'))].map(
        ([benchmark, own]): Panel => ({
          title: benchmark,
          x: { kind: 'number', label: 'step', whole: true },
          y: { kind: 'number', label: 'tau' },
          marks: methods.map((method, series): Line => {
            const points = own
              .filter((row) => row.text('method') === method)
              .map((row) => ({
                ...{ x: row.number('step'), y: row.numberOrNull('median') },
                ...{ low: row.numberOrNull('q25'), high: row.numberOrNull('q75') },
              }))
              .sort((a, b) => a.x - b.x);
            return { kind: 'line', series, points, hasDots: false, label: '' };
          }),
        }),
      ),
      panelWidth: 340,
    },
  ];
}
