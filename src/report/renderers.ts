import { renderCsv } from './csv.js';
import { renderJson } from './json.js';
import { renderLatex } from './latex.js';
import { renderMarkdown } from './markdown.js';
import type { Report } from './report.js';
import { renderTerminal, type TerminalOptions } from './terminal.js';

export const reportFormats = ['terminal', 'markdown', 'latex', 'csv', 'json'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** Text of a report that ends with a line break. What a format has no use for of the options it ignores. */
export type Renderer = (report: Report, options?: TerminalOptions) => string;

export const renderers: Readonly<Record<ReportFormat, Renderer>> = {
  terminal: renderTerminal,
  markdown: renderMarkdown,
  latex: renderLatex,
  csv: renderCsv,
  json: renderJson,
};
