import type * as PlotModule from '@observablehq/plot';
import type { Chart } from './chart.js';
import { ink, type Look, looksOf, sizes } from './look.js';
import { type Block, type PanelContext, plotInside } from './panel.js';
import { textWidth } from './text.js';

/** In pixels: height of a line, and from a mark to its name. */
const lineHeight = 18;
const markWidth = 24;

interface Entry {
  readonly name: string;
  /** Undefined for published values. */
  readonly look: Look | undefined;
}

/** The looks of the series and of published values, in as many lines as they need; nothing where one look is all. */
export function legend(chart: Chart, width: number, context: PanelContext): Block[] {
  const marks = chart.panels.flatMap((panel) => panel.marks);
  const looks = looksOf(chart.series);
  const series = chart.series.length < 2 ? [] : chart.series;
  const hasPublished = marks.some((mark) => mark.kind === 'published' && mark.row !== undefined);
  const entries: Entry[] = [
    ...series.map(({ name }, i) => ({ name, look: looks[i]! })),
    ...(hasPublished ? [{ name: 'published', look: undefined }] : []),
  ];
  if (entries.length === 0) return [];
  const kind = (['bars', 'line'] as const).find((one) => marks.some((mark) => mark.kind === one)) ?? 'dots';
  let [x, y] = [0, lineHeight / 2];
  const placed = entries.map(({ name, look }) => {
    const wide = markWidth + textWidth(name, sizes.text) + 14;
    if (x + wide > width && x > 0) [x, y] = [0, y + lineHeight];
    const at = { x, y, name, look };
    x += wide;
    return at;
  });
  const height = y + lineHeight / 2 + 2;
  const svg = plotInside(context, {
    ...{ width, height, margin: 0, axis: null },
    x: { type: 'identity' },
    y: { type: 'identity' },
    marks: placed.flatMap(({ look, ...at }) => [
      ...markOf(context.plot, kind, at, look),
      context.plot.text([at], { x: 'x', y: 'y', text: 'name', dx: markWidth, textAnchor: 'start' }),
    ]),
  });
  return [{ svg: `<g font-size="${sizes.text}" role="presentation">${svg}</g>`, height }];
}

/** The mark in front of a name, as it is drawn in the panels. */
function markOf(
  Plot: typeof PlotModule,
  kind: 'bars' | 'line' | 'dots',
  { x, y }: { readonly x: number; readonly y: number },
  look: Look | undefined,
): PlotModule.Markish[] {
  const middle = [{ x: x + markWidth / 2 - 3, y }];
  if (look === undefined) {
    const dashed = { stroke: ink, strokeWidth: 1.8, strokeDasharray: '3 2' };
    const tick = { x1: x + 9, x2: x + 9, y1: y - 7, y2: y + 7 };
    return [Plot.link([tick], { ...sides, ...dashed })];
  }
  const { colour, symbol, dash, opacity } = look;
  if (kind === 'bars') {
    const box = { x1: x + 2, x2: x + 16, y1: y - 5, y2: y + 5 };
    return [Plot.rect([box], { ...sides, fill: colour, fillOpacity: opacity, stroke: colour })];
  }
  const dot = Plot.dot(middle, { x: 'x', y: 'y', r: 4, symbol, fill: colour });
  if (kind === 'dots') return [dot];
  const line = { x1: x, x2: x + markWidth - 6, y1: y, y2: y };
  return [Plot.link([line], { ...sides, stroke: colour, strokeWidth: 1.5, strokeDasharray: dash }), dot];
}

const sides = { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2' } as const;
