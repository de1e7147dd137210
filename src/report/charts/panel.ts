import type * as PlotModule from '@observablehq/plot';
import { axesOf, lineHeight } from './axes.js';
import type { Axis, Panel, Series } from './chart.js';
import { domainOf } from './domain.js';
import type { Frame } from './labels.js';
import { looksOf, sizes } from './look.js';
import { marksOf } from './marks.js';
import { widest, wrap, xmlText } from './text.js';

/** What drawing needs beside the panel itself. */
export interface PanelContext {
  readonly plot: typeof PlotModule;
  /** Of an HTML page; the library's type is the browser's. */
  readonly document: unknown;
  readonly series: readonly Series[];
}

/** A piece of the picture, drawn from its own top. */
export interface Block {
  readonly svg: string;
  readonly height: number;
}

/** In pixels. */
const rowHeight = 20;
const cellHeight = 26;
const margin = { tick: 44, side: 14, label: 24, bottom: 38 } as const;

/** What is inside of a plot's `svg` element, without the library's style. */
export function plotInside(
  { plot, document }: PanelContext,
  options: Omit<PlotModule.PlotOptions, 'document'>,
): string {
  const page = document as PlotModule.PlotOptions['document'];
  const drawn = plot.plot({ ...options, document: page }) as unknown as PlotSvg;
  for (const sheet of [...drawn.querySelectorAll('style')]) sheet.remove();
  return xmlText(drawn.innerHTML).replace(/<[^>]*>/g, (tag) => tag.replace(/\d+\.\d{3,}/g, rounded));
}

/** Hundredths of a pixel are enough, and half of the text. */
function rounded(number: string): string {
  return String(Number(Number(number).toFixed(2)));
}

/** What is used of a drawn plot; there are no types of a browser here. */
interface PlotSvg {
  readonly innerHTML: string;
  querySelectorAll(selector: string): Iterable<{ remove(): void }>;
}

/** Draws one pair of axes, `width` pixels wide, for an `svg` element of that size. */
export function drawPanel(panel: Panel, width: number, context: PanelContext): Block {
  const { plot: Plot, series } = context;
  const names = panel.y.kind === 'names' ? wrapped(panel.y.names, width * 0.42) : undefined;
  const left = names === undefined ? margin.tick : 10 + widest([...names.values()].flat());
  const right = Math.max(margin.side, 8 + widest(endTexts(panel)));
  const top = panel.y.label === '' ? 6 : margin.label;
  const inner = width - left - right;
  const ratio = panel.ratio ?? 0.7;
  const body = names === undefined ? Math.max(90, inner * ratio) : rowsHeight(names, panel);
  const height = Math.round(top + body + margin.bottom);
  const looks = looksOf(series);
  // Symbols and their labels keep off the edges.
  const hasSymbols = panel.marks.some(
    (mark) => mark.kind === 'dots' || (mark.kind === 'line' && mark.hasDots),
  );
  const inset = hasSymbols ? 10 : 0;
  const x = { ...scaleOf(panel.x, panel, 'x'), inset };
  const y = { ...scaleOf(panel.y, panel, 'y'), inset };
  const box = { left, right: width - right, top, bottom: height - margin.bottom };
  const frame = { ...box, ...pixels(Plot, x, y, box, inset) };
  const svg = plotInside(context, {
    ...{ width, height, marginLeft: left, marginRight: right, marginTop: top, marginBottom: margin.bottom },
    style: { fontSize: `${sizes.text}px` },
    ...{ x, y },
    marks: [
      ...axesOf(Plot, panel, names, { width: inner, height: body }),
      ...panel.marks.flatMap((mark) => marksOf(Plot, mark, looks, frame)),
    ],
  });
  return { svg, height };
}

/** Where values lie: the library tells it only after drawing. */
function pixels(
  Plot: typeof PlotModule,
  x: PlotModule.ScaleOptions,
  y: PlotModule.ScaleOptions,
  { left, right, top, bottom }: Omit<Frame, 'x' | 'y'>,
  inset: number,
): Pick<Frame, 'x' | 'y'> {
  const [first, last] = [top + inset, bottom - inset];
  const upwards = y.type === 'band' ? [first, last] : [last, first];
  const across = Plot.scale({ x: { ...x, range: [left + inset, right - inset] } });
  const up = Plot.scale({ y: { ...y, range: upwards } });
  const middle = (scale: PlotModule.Scale) => (value: number | string) =>
    Number(scale.apply(value)) + (scale.bandwidth ?? 0) / 2;
  return { x: middle(across), y: middle(up) };
}

/** Names by themselves, each cut into lines. */
function wrapped(names: readonly string[], width: number): Map<string, string[]> {
  return new Map(names.map((name) => [name, wrap(name, width, sizes.text)]));
}

function rowsHeight(names: ReadonlyMap<string, readonly string[]>, { marks }: Panel): number {
  const lines = Math.max(1, ...[...names.values()].map((one) => one.length));
  return (
    Math.max(1, names.size) *
    Math.max(marks.some(({ kind }) => kind === 'cells') ? cellHeight : rowHeight, lines * lineHeight + 6)
  );
}

/** Texts that stand to the right of the frame. */
function endTexts({ marks }: Panel): string[] {
  return marks.flatMap((mark) => {
    if (mark.kind === 'bars') return mark.bars.map(({ text }) => text);
    if (mark.kind === 'stack') return mark.texts.map(({ text }) => text);
    return mark.kind === 'line' ? [mark.label] : [];
  });
}

function scaleOf(axis: Axis, panel: Panel, name: 'x' | 'y'): PlotModule.ScaleOptions {
  if (axis.kind === 'names') return { type: 'band', domain: [...axis.names], padding: 0.15 };
  const type = axis.scale ?? 'linear';
  const domain = domainOf(axis, panel.marks, name);
  return { type, domain: [...domain], nice: axis.domain === undefined && type === 'linear' };
}
