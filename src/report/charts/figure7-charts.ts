import { groupBy } from '../../group-by.js';
import type { Chart, Dot, Panel } from './chart.js';
import type { FigureRow } from './figure-rows.js';

/** Figure 7 of every benchmark: the confidence of tokens that waited, a panel a token. */
export function figure7Charts(rows: readonly FigureRow[], subtitle: string): Chart[] {
  return [...groupBy(rows, (row) => row.text('benchmark'))].map(([benchmark, own]): Chart => {
    const tokens = groupBy(own, (row) => `${row.text('sample')} ${row.text('position')}`);
    return {
      id: `figure7-${benchmark}`,
      title: `Right predictions that wait, ${benchmark}`,
      subtitle,
      notes: ['the tokens that waited longest; a line ends with the step that commits its token'],
      series: [
        { name: 'predicted token, which is the one of the end' },
        { name: 'predicted token, another one' },
        { name: 'second largest probability' },
      ],
      panels: [...tokens.values()].map(tokenPanel),
    };
  });
}

function tokenPanel(rows: readonly FigureRow[]): Panel {
  const [first] = rows;
  const ordered = [...rows].sort((a, b) => a.number('step') - b.number('step'));
  const line = (column: string) =>
    ordered.map((row) => ({ x: row.number('step'), y: row.number(column), low: null, high: null }));
  const dots = ordered.map((row): Dot => {
    const at = { x: row.number('step'), y: row.number('confidence') };
    const series = row.number('right') === 1 ? 0 : 1;
    return { ...at, series, label: '', xLow: null, xHigh: null, yLow: null, yHigh: null };
  });
  const [text, sample] = [JSON.stringify(first!.text('token_text')), first!.text('sample')];
  const tau = first!.number('tau');
  return {
    title: `${text} at ${first!.text('position')} of ${sample}: waited ${first!.text('waited')}`,
    x: { kind: 'number', label: 'step', whole: true },
    y: { kind: 'number', label: 'probability', domain: [0, 1] },
    marks: [
      { kind: 'line', series: 2, points: line('second'), hasDots: false, label: '' },
      { kind: 'line', series: 0, points: line('confidence'), hasDots: false, label: '' },
      { kind: 'dots', dots },
      { kind: 'rule', axis: 'y', value: tau, label: `tau ${tau}` },
    ],
    ratio: 0.55,
  };
}
