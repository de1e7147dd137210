import type { Report } from './report.js';

/** A report as one JSON object: title, notes and figures, without layout. */
export function renderJson({ title, notes, figures }: Report): string {
  return `${JSON.stringify({ title, notes, figures }, null, 2)}\n`;
}
