import { cutColumns, cutRows } from './layout.js';
import type { Rank } from './rank.js';
import type { Grid, GridRow, Line, Report } from './report.js';

const emphasis: Readonly<Record<Rank, (text: string) => string>> = {
  best: (text) => `\\textbf{${text}}`,
  second: (text) => `\\underline{${text}}`,
};

/**
 * Characters of a line in the size of the tables on a page of 345 pt, the narrowest that is common, and of the gap
 * between two columns.
 */
const lineWidth = 92;
const gap = 2;

/** Lines of a table that fit on a page together with the notes. */
const pageLines = 48;

/**
 * A report as LaTeX that needs no package but booktabs. A table that is wider than a page goes into several, with
 * the notes below the last.
 */
export function renderLatex(report: Report): string {
  const notes = report.rankNote === '' ? report.notes : [...report.notes, report.rankNote];
  // LaTeX counts tables itself.
  const title = report.title.replace(/^Table \d+: /, '');
  const tables = report.grids.flatMap((grid) => {
    const parts = cutRows(grid, pageLines).flatMap((part) => cutColumns(part, gap, lineWidth));
    const caption = grid.heading === undefined ? title : `${title}: ${grid.heading}`;
    return parts.map((part, i) => ({
      part,
      caption: parts.length === 1 ? caption : `${caption}, part ${i + 1} of ${parts.length}`,
    }));
  });
  const texts = tables.map(({ part, caption }, i) =>
    [
      '\\begin{table*}[p]',
      '\\centering',
      '\\scriptsize',
      '\\setlength{\\tabcolsep}{2.5pt}',
      `\\caption{${escapeLatex(caption)}}`,
      tabular(part),
      ...(i === tables.length - 1 ? notesBelow(notes) : []),
      '\\end{table*}',
    ].join('\n'),
  );
  return `% Needs \\usepackage{booktabs}.\n${texts.join('\n\n')}\n`;
}

function notesBelow(notes: readonly string[]): string[] {
  return [
    '\\par\\medskip',
    '\\begin{minipage}{\\linewidth}',
    '\\raggedright',
    notes.map((note) => escapeLatex(note)).join('\\par\n'),
    '\\end{minipage}',
  ];
}

function tabular(grid: Grid): string {
  const hasLines = grid.lines.length > 1;
  const labelCount = grid.labels.length + (hasLines ? 1 : 0);
  const letters = grid.columns.flatMap(({ parts, align }) => parts.map(() => (align === 'left' ? 'l' : 'r')));
  const width = labelCount + letters.length;
  return [
    `\\begin{tabular}{@{}${'l'.repeat(labelCount)}${letters.join('')}@{}}`,
    '\\toprule',
    ...header(grid, hasLines),
    ...grid.groups.flatMap(({ name, rows }) => [
      '\\midrule',
      ...(grid.groups.length > 1
        ? [`\\multicolumn{${width}}{@{}l@{}}{\\textit{${escapeLatex(name)}}} \\\\`]
        : []),
      ...rows.flatMap((row, i) => [
        ...(hasLines && (i > 0 || grid.groups.length > 1) ? ['\\addlinespace'] : []),
        ...rowLines(grid, row, hasLines),
      ]),
    ]),
    '\\bottomrule',
    '\\end{tabular}',
  ].join('\n');
}

function header({ labels, columns }: Grid, hasLines: boolean): string[] {
  const names = [...labels, ...(hasLines ? [''] : [])].map((label) => escapeLatex(label));
  if (!columns.some(({ parts }) => parts.length > 1)) {
    return [tableRow([...names, ...columns.map(({ title }) => escapeLatex(title))])];
  }
  let first = names.length + 1;
  const rules: string[] = [];
  for (const { parts } of columns) {
    rules.push(`\\cmidrule(lr){${first}-${first + parts.length - 1}}`);
    first += parts.length;
  }
  const titles = columns.map(
    ({ title, parts }) => `\\multicolumn{${parts.length}}{c}{${escapeLatex(title)}}`,
  );
  return [
    tableRow([...names.map(() => ''), ...titles]),
    rules.join(' '),
    tableRow([...names, ...columns.flatMap(({ parts }) => parts.map((part) => escapeLatex(part)))]),
  ];
}

function rowLines(grid: Grid, row: GridRow, hasLines: boolean): string[] {
  return grid.lines.map((line, l) =>
    tableRow([
      ...row.labels.map((label) => (l === 0 ? escapeLatex(label) : '')),
      ...(hasLines ? [escapeLatex(line)] : []),
      ...row.cells.flat().map((lines) => cell(lines[l]!)),
    ]),
  );
}

/** A row that begins with a star or a bracket would be read as an option of the `\\` before it. */
function tableRow(cells: readonly string[]): string {
  const row = `${cells.join(' & ')} \\\\`.trimStart();
  return /^[[*]/.test(row) ? `{}${row}` : row;
}

function cell(line: Line): string {
  return line
    .map((piece) => {
      if (typeof piece === 'string') return escapeLatex(piece);
      const text = escapeLatex(piece.text);
      return piece.rank === undefined ? text : emphasis[piece.rank](text);
    })
    .join('');
}

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '$\\sim$',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  // The straight quote is a command under some languages of babel.
  '"': "''",
  '+-': '$\\pm$',
};

/** Text that LaTeX sets as it is. */
export function escapeLatex(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\+-|[\\{}$&#%_^~<>|"]/g, (found) => special[found]!);
}
