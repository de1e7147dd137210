import type { Grid, GridRow, Line } from '../report.js';
import { html, type Markup } from './markup.js';

/** A grid as a table whose first column stays in sight; the texts are those of every other format. */
export function gridTable(grid: Grid): Markup {
  const hasLines = grid.lines.length > 1;
  const labels = grid.labels.length + (hasLines ? 1 : 0);
  const width = labels + grid.columns.reduce((sum, { parts }) => sum + parts.length, 0);
  const heading = grid.heading === undefined ? undefined : html`<h3>${grid.heading}</h3>`;
  return html`${heading}<div class="scroll" tabindex="0" role="region" aria-label="${grid.heading ?? 'Table'}">
<table class="grid"><thead>${headRows(grid, hasLines)}</thead>
${grid.groups.map(
  ({ name, rows }) => html`<tbody>${
    grid.groups.length > 1
      ? html`<tr class="group"><th scope="rowgroup" colspan="${width}"><span>${name}</span></th></tr>`
      : undefined
  }
${rows.map((row) => bodyRow(grid, row, hasLines))}</tbody>
`,
)}</table></div>
`;
}

function headRows({ labels, columns }: Grid, hasLines: boolean): Markup {
  const hasParts = columns.some(({ parts }) => parts.length > 1);
  const tall = hasParts ? html` rowspan="2"` : undefined;
  const first = html`<tr>${labels.map((label) => html`<th scope="col"${tall}>${label}</th>`)}${
    hasLines ? html`<td${tall}></td>` : undefined
  }${columns.map(({ title, parts, align }) => {
    const span = parts.length > 1 ? html` colspan="${parts.length}"` : tall;
    return html`<th scope="col"${span} class="${parts.length > 1 ? 'over' : align}">${title}</th>`;
  })}</tr>`;
  if (!hasParts) return first;
  const second = columns.flatMap(({ parts, align }) =>
    parts.length > 1 ? parts.map((part) => html`<th scope="col" class="${align} part">${part}</th>`) : [],
  );
  return html`${first}<tr>${second}</tr>`;
}

/** A row is one line of the table however many lines of text its cells have. */
function bodyRow({ lines, columns }: Grid, { labels, cells }: GridRow, hasLines: boolean): Markup {
  const names = hasLines ? html`<td class="lines">${linesOf(lines)}</td>` : undefined;
  return html`<tr>${labels.map((label) => html`<th scope="row">${label}</th>`)}${names}${columns.flatMap(
    ({ align, parts }, c) =>
      cells[c]!.map((cell, p) => {
        const kind = `${align}${parts.length > 1 && p > 0 ? ' later' : ''}`;
        return html`<td class="${kind}">${cell.map((line) => html`<div>${lineMarkup(line)}</div>`)}</td>`;
      }),
  )}</tr>
`;
}

function linesOf(lines: readonly string[]): Markup[] {
  return lines.map((line) => html`<div>${line}</div>`);
}

/** The best figure is bold and the second is underlined, as in LaTeX. */
function lineMarkup(line: Line): Markup[] {
  return line.map((piece) => {
    if (typeof piece === 'string') return html`${piece}`;
    if (piece.rank === 'best') return html`<strong>${piece.text}</strong>`;
    return piece.rank === 'second' ? html`<u>${piece.text}</u>` : html`${piece.text}`;
  });
}
