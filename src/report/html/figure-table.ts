import { groupBy } from '../../group-by.js';
import type { Figure, Report } from '../report.js';
import { missing } from '../show.js';
import { shortName, valueText } from '../swept.js';
import { html, type Markup } from './markup.js';

/** Of a figure: what it is called here, what it is multiplied with, and its decimals. */
const shownFigures = [
  ['accuracy', 'accuracy %', 100, 1],
  ['tps', 'TPS', 1, 1],
  ['speedup', 'speed-up', 1, 2],
] as const;

/**
 * The figures that were measured with their 95 % intervals and verdicts: what a table of many columns has no room
 * for. Undefined if nothing was measured.
 */
export function intervalTable({ figures }: Report): Markup | undefined {
  const measured = figures.filter(({ ours }) => ours !== null);
  const rows = [...groupBy(measured, rowKey).values()];
  const shown = shownFigures.filter(([name]) => measured.some(({ figure }) => figure === name));
  const paths = [...new Set(measured.flatMap(({ params }) => Object.keys(params)))];
  if (rows.length === 0 || shown.length === 0) return undefined;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Intervals and verdicts">
<table class="grid intervals"><thead><tr><th scope="col">Method</th><th scope="col">Benchmark</th>${shown.map(
    ([, title]) => html`<th scope="col" class="right">${title}</th>`,
  )}<th scope="col">verdict</th></tr></thead>
<tbody>${rows.map((row) => figureRow(row, shown, paths))}</tbody></table></div>
`;
}

function rowKey({ group, method, params, column }: Figure): string {
  return JSON.stringify([group, method, params, column]);
}

function figureRow(
  row: readonly Figure[],
  shown: readonly (typeof shownFigures)[number][],
  paths: readonly string[],
): Markup {
  const [{ name, title, params }] = row as readonly [Figure, ...Figure[]];
  const settings = Object.entries(params).map(
    ([path, value]) => `${shortName(path, paths)}=${valueText(value)}`,
  );
  const verdicts = row.filter(({ remark }) => remark !== '');
  return html`<tr><th scope="row">${name}${
    settings.length === 0 ? undefined : html`<div class="quiet">${settings.join(', ')}</div>`
  }</th><td>${title}</td>${shown.map(
    ([figure, , scale, decimals]) =>
      html`<td class="right">${interval(
        row.find((one) => one.figure === figure),
        scale,
        decimals,
      )}</td>`,
  )}<td class="verdict">${verdicts.map(
    ({ figure, remark }) => html`<div>${verdictText(nameOf(figure), remark)}</div>`,
  )}</td></tr>
`;
}

function nameOf(figure: Figure['figure']): string {
  return figure === 'speedup' ? 'speed-up' : figure === 'tps' ? 'TPS' : figure;
}

/** Some verdicts name the figure themselves. */
function verdictText(name: string, remark: string): string {
  return remark.startsWith(name) ? remark : `${name}: ${remark}`;
}

function interval(figure: Figure | undefined, scale: number, decimals: number): Markup {
  if (figure === undefined || figure.ours === null) return html`${missing}`;
  const text = (value: number): string => (value * scale).toFixed(decimals);
  const { ours, low, high } = figure;
  const ends = low === null || high === null ? undefined : ` [${text(low)}, ${text(high)}]`;
  return html`${text(ours)}${ends === undefined ? undefined : html`<span class="quiet">${ends}</span>`}`;
}
