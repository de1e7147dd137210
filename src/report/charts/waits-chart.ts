import { groupBy } from '../../group-by.js';
import type { Bar, Chart, Panel } from './chart.js';
import type { FigureRow } from './figure-rows.js';

/** Up to here every number of steps has its row, taken or not; beyond, only those that tokens waited. */
const mostRows = 40;

/** Figure 2 e: how many tokens waited how long, a panel a benchmark. Tokens that did not wait are told in the title. */
export function waitsChart(rows: readonly FigureRow[], id: string, subtitle: string): Chart[] {
  if (rows.length === 0) return [];
  const tau = rows[0]!.number('tau');
  const longest = Math.max(...rows.map((row) => row.number('steps')));
  const panels = [...groupBy(rows, (row) => row.text('benchmark'))].map(([benchmark, own]): Panel => {
    const waited = own.filter((row) => row.number('steps') > 0);
    const at = new Map(waited.map((row) => [row.number('steps'), row]));
    const steps =
      longest <= mostRows
        ? Array.from({ length: longest }, (_, i) => i + 1)
        : [...at.keys()].sort((a, b) => a - b);
    const share = waited.reduce((total, row) => total + row.number('share'), 0);
    const bars = steps.flatMap((step): Bar[] => {
      const row = at.get(step);
      if (row === undefined) return [];
      const text = `${row.number('tokens')}`;
      return [
        { row: String(step), series: 0, value: 100 * row.number('share'), low: null, high: null, text },
      ];
    });
    return {
      title: `${benchmark}: ${(100 * share).toFixed(1)} % of tokens wait`,
      x: { kind: 'number', label: '% of all tokens (counts to the right)', zero: true },
      y: { kind: 'names', label: 'steps waited', names: steps.map(String) },
      marks: [{ kind: 'bars', bars }],
    };
  });
  return [
    {
      id,
      title: `How long right predictions wait below ${tau}`,
      subtitle,
      notes: [
        `a token waits while the prediction is already the token of the end, but its confidence is below ${tau}`,
      ],
      ...{ series: [{ name: 'tokens' }], panels },
    },
  ];
}
