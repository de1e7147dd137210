import type { Chart } from './chart.js';
import { legend } from './legend.js';
import { sizes, style } from './look.js';
import { type Block, drawPanel, type PanelContext } from './panel.js';
import { escapeXml, wrap } from './text.js';

export interface DrawOptions {
  /** Of the picture, in pixels; the height follows. It scales to any size. */
  readonly width: number;
}

/** In pixels. */
const edge = 12;
const gap = 16;
/** How much wider bold text is. */
const boldness = 1.12;
/** A panel alone is not as wide as the picture. */
const widest = 620;

/**
 * A chart as an SVG document: for a file of its own and for inlining in a page, whose colours it then takes (see
 * `look.ts`). The same chart and width give the same text. Plot and the DOM that it needs are loaded here.
 */
export async function drawSvg(chart: Chart, { width }: DrawOptions): Promise<string> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const inner = Math.max(200, width - 2 * edge);
  const context: PanelContext = { plot, document, series: chart.series };
  const blocks = [
    lines(wrap(chart.title, inner / boldness, sizes.title), sizes.title, 'font-weight="600"'),
    lines(wrap(chart.subtitle, inner, sizes.note), sizes.note, 'class="muted"'),
    ...legend(chart, inner, context),
    ...panels(chart, inner, context),
    ...chart.notes.map((note) => lines(wrap(note, inner, sizes.note), sizes.note, 'class="muted"')),
  ];
  let y = edge;
  const placed = blocks.map(({ svg, height }) => {
    const text = `<g transform="translate(${edge},${y})">${svg}</g>`;
    y += height + 6;
    return text;
  });
  const height = Math.ceil(y + edge - 6);
  const [title, desc] = [`${chart.id}-title`, `${chart.id}-desc`];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="repro-chart" viewBox="0 0 ${width} ${height}" width="${width}" `,
    `height="${height}" role="img" aria-labelledby="${title} ${desc}" font-size="${sizes.text}" fill="currentColor">`,
    `<title id="${title}">${escapeXml(chart.title)}</title><desc id="${desc}">${escapeXml(description(chart))}</desc>`,
    `<style>${style}</style><rect width="100%" height="100%" fill="var(--c-paper)"/>`,
    ...placed,
    '</svg>\n',
  ].join('');
}

/** What a reader who does not see the picture is told. */
function description({ subtitle, panels, notes }: Chart): string {
  const titles = panels.map(({ title }) => title).filter((title) => title !== '');
  const [first] = panels;
  const axes = first === undefined ? [] : [first.x.label, first.y.label].filter((label) => label !== '');
  return [
    subtitle,
    `${panels.length} ${panels.length === 1 ? 'panel' : 'panels'}${titles.length === 0 ? '' : `: ${titles.join(', ')}`}`,
    ...(axes.length === 0 ? [] : [`axes: ${axes.join(' and ')}`]),
    ...notes,
  ].join('. ');
}

function lines(texts: readonly string[], size: number, attributes: string): Block {
  const step = Math.round(size * 1.3);
  const spans = texts.map((text, i) => `<tspan x="0" y="${size + i * step}">${escapeXml(text)}</tspan>`);
  return {
    svg: `<text ${attributes} font-size="${size}">${spans.join('')}</text>`,
    height: texts.length * step,
  };
}

/** Panels in rows of as many as fit; a row is as high as its highest panel. */
function panels({ panels, panelWidth = 280 }: Chart, width: number, context: PanelContext): Block[] {
  const fit = Math.max(1, Math.floor((width + gap) / (panelWidth + gap)));
  // As few rows as can be, and these as even as can be: four panels where three fit are two rows of two.
  const columns = Math.ceil(panels.length / Math.ceil(panels.length / fit));
  const each = Math.min(widest, Math.floor((width - gap * (columns - 1)) / columns));
  const drawn = panels.map((panel) => {
    const title =
      panel.title === ''
        ? undefined
        : lines(wrap(panel.title, each / boldness, sizes.panel), sizes.panel, 'font-weight="600"');
    const { svg, height } = drawPanel(panel, each, context);
    const top = title === undefined ? 0 : title.height + 4;
    const body = `<svg y="${top}" width="${each}" height="${height}" overflow="visible" text-anchor="middle">${svg}</svg>`;
    return { svg: `${title?.svg ?? ''}${body}`, height: top + height };
  });
  return Array.from({ length: Math.ceil(drawn.length / columns) }, (_, row): Block => {
    const members = drawn.slice(row * columns, (row + 1) * columns);
    return {
      svg: members.map(({ svg }, i) => `<g transform="translate(${i * (each + gap)},0)">${svg}</g>`).join(''),
      height: Math.max(...members.map(({ height }) => height)) + 6,
    };
  });
}
