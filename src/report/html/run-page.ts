import type { Manifest } from '../../results/manifest.js';
import type { PromptRow } from '../../results/prompts.js';
import type { RepeatRow } from '../../results/repeats.js';
import type { SampleRow } from '../../results/samples.js';
import type { TraceFile } from '../../results/trace-file.js';
import type { Chart } from '../charts/chart.js';
import type { Report } from '../report.js';
import { type ChartPicture, chartsOf } from './charts-of.js';
import { pageDocument } from './document.js';
import { factList, headline } from './facts.js';
import { intervalTable } from './figure-table.js';
import { html, Markup } from './markup.js';
import { dataBlock } from './pack.js';
import { pageData } from './page-data.js';
import { pageScript, pageStyle } from './page-script.js';
import { pageTraces } from './page-trace.js';
import { gridTable } from './tables.js';

/** Everything that the files of a run hold. */
export interface RunPageInput {
  readonly report: Report;
  readonly manifest: Manifest;
  readonly samples: readonly SampleRow[];
  readonly repeats: readonly RepeatRow[];
  /** Empty for runs that keep none. */
  readonly prompts: readonly PromptRow[];
  readonly traces: readonly TraceFile[];
  /** Of the CSV files that the run may have beside its summary. */
  readonly charts?: readonly Chart[];
}

/**
 * The report of a run as one HTML page that needs nothing else: tables, charts, notes, facts, a browser of samples
 * and a viewer of steps.
 */
export async function runPage(input: RunPageInput): Promise<string> {
  const { manifest, samples, charts } = input;
  const traces = pageTraces(input.traces, samples);
  const report = { ...input.report, notes: [...input.report.notes, ...lossNote(manifest, samples.length)] };
  const data = pageData({ ...input, traced: traces.map(({ key }) => key) });
  return pageDocument({
    title: report.title,
    style: await pageStyle(),
    script: await pageScript(),
    body: pageBody(report, manifest, samples.length, await chartsOf({ report, manifest, charts })),
    data: [dataBlock('data', data), ...traces.map(({ trace }, i) => dataBlock(`trace-${i}`, trace))],
  });
}

/** A finished run has all of its samples, unless its file was changed. */
function lossNote({ state, cells }: Manifest, samples: number): string[] {
  const planned = cells.reduce((sum, cell) => sum + cell.samples, 0);
  if (state !== 'finished' || samples === planned) return [];
  return [
    `samples.jsonl holds ${samples} of the ${planned} samples of this finished run: it was changed or cut, and the figures of the table are those of summary.csv`,
  ];
}

function pageBody(
  report: Report,
  manifest: Manifest,
  samples: number,
  charts: readonly ChartPicture[],
): Markup {
  const intervals = intervalTable(report);
  const sections = [
    section('table', 'Table', html`${report.grids.map(gridTable)}${notesOf(report)}`),
    charts.length === 0 ? undefined : section('figures', 'Figures', html`${charts.map(chartFigure)}`),
    intervals === undefined ? undefined : section('intervals', 'Intervals and verdicts', intervals),
    section(
      'samples',
      'Samples',
      html`<div id="browser"><p class="quiet">The samples need JavaScript, of this file alone.</p></div>`,
    ),
    section('run', 'The run', factList(manifest)),
  ].filter((one) => one !== undefined);
  return html`<a class="skip" href="#main">Skip to the content</a>
<header class="top"><div><h1>${report.title}</h1>
<p class="state">${headline(manifest, samples)}</p></div>
<button type="button" id="theme" class="screen" hidden>Dark</button></header>
<nav class="sections screen" aria-label="Sections">${sections.map(
    ({ id, title }) => html`<a href="#${id}">${title}</a>`,
  )}</nav>
<main id="main">
${sections.map(({ markup }) => markup)}</main>`;
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly markup: Markup;
}

function section(id: string, title: string, content: Markup): Section {
  return {
    ...{ id, title },
    markup: html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${content}</section>
`,
  };
}

function notesOf({ notes, rankNote }: Report): Markup {
  const all = rankNote === '' ? notes : [...notes, rankNote];
  return html`<h3>Notes</h3>
<ul class="notes">${all.map((note) => html`<li>${note}</li>`)}</ul>
`;
}

function chartFigure({ title, wide, narrow }: ChartPicture): Markup {
  return html`<figure class="chart" aria-label="${title}"><div class="wide-screen">${new Markup(wide)}</div>
<div class="narrow-screen">${new Markup(narrow)}</div></figure>
`;
}
