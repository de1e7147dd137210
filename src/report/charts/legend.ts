import type * as PlotModule from '@observablehq/plot';
import type { Chart, Mark } from './chart.js';
import { ink, type Look, looksOf, sizes } from './look.js';
import { type Block, type PanelContext, plotInside } from './panel.js';
import { textWidth } from './text.js';

/** In pixels: height of a line, and from a mark to its name. */
const lineHeight = 18;
const markWidth = 24;

type Kind = 'bars' | 'line' | 'dots';

interface Entry {
  readonly name: string;
  readonly kinds: ReadonlySet<Kind>;
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
    ...series
      .map(({ name }, i) => ({ name, look: looks[i]!, kinds: kindsOf(marks, i) }))
      .filter(({ kinds }) => kinds.size > 0),
    ...(hasPublished ? [{ name: 'published', look: undefined, kinds: new Set<Kind>() }] : []),
  ];
  if (entries.length === 0) return [];
  let [x, y] = [0, lineHeight / 2];
  const placed = entries.map(({ name, look, kinds }) => {
    const wide = markWidth + textWidth(name, sizes.text) + 14;
    if (x + wide > width && x > 0) [x, y] = [0, y + lineHeight];
    const at = { x, y, name, look, kinds };
    x += wide;
    return at;
  });
  const height = y + lineHeight / 2 + 2;
  const svg = plotInside(context, {
    ...{ width, height, margin: 0, axis: null },
    x: { type: 'identity' },
    y: { type: 'identity' },
    marks: placed.flatMap(({ look, kinds, ...at }) => [
      ...markOf(context.plot, kinds, at, look),
      context.plot.text([at], { x: 'x', y: 'y', text: 'name', dx: markWidth, textAnchor: 'start' }),
    ]),
  });
  return [{ svg: `<g font-size="${sizes.text}" role="presentation">${svg}</g>`, height }];
}

/** The mark in front of a name, as it is drawn in the panels. */
function markOf(
  Plot: typeof PlotModule,
  kinds: ReadonlySet<Kind>,
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
  if (kinds.has('bars')) {
    const box = { x1: x + 2, x2: x + 16, y1: y - 5, y2: y + 5 };
    return [Plot.rect([box], { ...sides, fill: colour, fillOpacity: opacity, stroke: colour })];
  }
  const line = { x1: x, x2: x + markWidth - 6, y1: y, y2: y };
  return [
    ...(kinds.has('line')
      ? [Plot.link([line], { ...sides, stroke: colour, strokeWidth: 1.5, strokeDasharray: dash })]
      : []),
    ...(kinds.has('dots') ? [Plot.dot(middle, { x: 'x', y: 'y', r: 4, symbol, fill: colour })] : []),
  ];
}

/** How a series is drawn in the panels. */
function kindsOf(marks: readonly Mark[], series: number): Set<Kind> {
  const kinds = new Set<Kind>();
  for (const mark of marks) {
    if (mark.kind === 'bars' && mark.bars.some((bar) => bar.series === series)) kinds.add('bars');
    if (mark.kind === 'dots' && mark.dots.some((dot) => dot.series === series)) kinds.add('dots');
    if (mark.kind === 'stack' && mark.pieces.some((piece) => piece.series === series)) kinds.add('bars');
    if (mark.kind !== 'line' || mark.series !== series) continue;
    kinds.add('line');
    if (mark.hasDots) kinds.add('dots');
  }
  return kinds;
}

const sides = { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2' } as const;
