import { expect, test } from 'vitest';
import { drawSvg } from '../../../src/report/charts/draw.js';
import { partsChart } from '../../../src/report/charts/parts-chart.js';
import { readBack } from './read-back.js';

test('parts stand end to end, in milliseconds and as shares', async () => {
  const passes = [
    { name: 'vanilla, full', parts: { linears: 30, attention: 10, other: 0, host: 10 } },
    { name: 'cached, partial', parts: { linears: 4, attention: 2, other: 1, host: 1 } },
  ];
  const facts = { title: 'Where the time goes', subtitle: 'n = 16', notes: ['a note'] };
  const chart = readBack(await drawSvg(partsChart(passes, facts), { width: 900 }));
  expect(chart.panels.map(({ title }) => title)).toEqual(['milliseconds of a pass', '% of a pass']);
  expect(chart.texts).toEqual(
    expect.arrayContaining(['linears', 'attention', 'host', '50.0', '8.00', 'a note']),
  );
  const ends = chart.panels.map(({ marks, xValue }) =>
    marks('piece').map(({ x, x2 }) => [xValue(x), xValue(x2)].map((value) => Math.round(value * 10) / 10)),
  );
  // One mark a part, the rows in their order.
  expect(ends[0]).toEqual([
    [0, 30],
    [0, 4],
    [30, 40],
    [4, 6],
    [40, 40],
    [6, 7],
    [40, 50],
    [7, 8],
  ]);
  expect(ends[1]).toEqual([
    [0, 60],
    [0, 50],
    [60, 80],
    [50, 75],
    [80, 80],
    [75, 87.5],
    [80, 100],
    [87.5, 100],
  ]);
});
