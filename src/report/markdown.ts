import type { Rank } from './rank.js';
import type { Grid, Line, Report } from './report.js';

/** GitHub keeps these tags: it has no underlining of its own. */
const emphasis: Readonly<Record<Rank, (text: string) => string>> = {
  best: (text) => `**${text}**`,
  second: (text) => `<ins>${text}</ins>`,
};

/** A report as GitHub-flavoured Markdown: one table line for every line of a row. */
export function renderMarkdown(report: Report): string {
  const notes = report.rankNote === '' ? report.notes : [...report.notes, report.rankNote];
  const blocks = [
    `### ${escapeMarkdown(report.title)}`,
    ...report.grids.flatMap((grid) => [
      ...(grid.heading === undefined ? [] : [`#### ${escapeMarkdown(grid.heading)}`]),
      table(grid),
    ]),
    notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n'),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function table(grid: Grid): string {
  const hasLines = grid.lines.length > 1;
  const labels = [...grid.labels, ...(hasLines ? [''] : [])];
  const columns = grid.columns.flatMap(({ title, parts, align }) =>
    parts.map((part) => ({ title: parts.length > 1 ? `${title} ${part}` : title, align })),
  );
  const width = labels.length + columns.length;
  const head = [...labels, ...columns.map(({ title }) => title)].map(escapeMarkdown);
  const rule = [
    ...labels.map(() => ':--'),
    ...columns.map(({ align }) => (align === 'left' ? ':--' : '--:')),
  ];
  const body = grid.groups.flatMap(({ name, rows }) => [
    ...(grid.groups.length > 1 ? [[`**${escapeMarkdown(name)}**`, ...Array(width - 1).fill('')]] : []),
    ...rows.flatMap((row) =>
      grid.lines.map((line, l) => [
        ...row.labels.map((label) => (l === 0 ? escapeMarkdown(label) : '')),
        ...(hasLines ? [escapeMarkdown(line)] : []),
        ...row.cells.flat().map((lines) => cell(lines[l]!)),
      ]),
    ),
  ]);
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cell(line: Line): string {
  return line
    .map((piece) => {
      if (typeof piece === 'string') return escapeMarkdown(piece);
      const text = escapeMarkdown(piece.text);
      return piece.rank === undefined ? text : emphasis[piece.rank](text);
    })
    .join('');
}

/** Text that shows itself, wherever it stands in a line: no markup, no tag, no end of a cell. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>|~&#$]/g, '\\$&')
    .replace(/^([-+]|\d+[.)])(?= )/, (start) => `${start.slice(0, -1)}\\${start.slice(-1)}`);
}
