import { type Grid, type Line, lineText, rowsOf } from './report.js';

/**
 * Cuts a grid into grids that fit, each with all rows and some of the columns, at least one.
 *
 * @param padding What a column needs beside its text, in characters.
 * @param width Of a line, in characters; undefined does not cut.
 */
export function cutColumns(grid: Grid, padding: number, width?: number): Grid[] {
  if (width === undefined) return [grid];
  const chunks: number[][] = [];
  let used = 0;
  const room = width - labelsWidth(grid, padding);
  for (const i of grid.columns.keys()) {
    const needed = columnWidth(grid, i, padding);
    const last = chunks.at(-1);
    if (last !== undefined && used + needed <= room) {
      last.push(i);
      used += needed;
    } else {
      chunks.push([i]);
      used = needed;
    }
  }
  return chunks.map((columns) => withColumns(grid, columns));
}

/** Characters of the columns in front of the figures. */
function labelsWidth(grid: Grid, padding: number): number {
  const labels = grid.labels.map((title, i) =>
    longestLine([title, ...rowsOf(grid).map((row) => row.labels[i]!)]),
  );
  const all = grid.lines.length > 1 ? [...labels, longestLine(grid.lines)] : labels;
  return all.reduce((total, width) => total + width + padding, 0);
}

/** Characters of a column with all its parts. */
function columnWidth(grid: Grid, index: number, padding: number): number {
  const { title, parts } = grid.columns[index]!;
  const widths = parts.map((part, p) =>
    longestLine([part, ...rowsOf(grid).flatMap(({ cells }) => textsOf(cells[index]![p]!))]),
  );
  const needed = widths.reduce((total, width) => total + width + padding, 0);
  return Math.max(needed, title.length + padding);
}

function textsOf(lines: readonly Line[]): string[] {
  return lines.map(lineText);
}

function longestLine(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}

function withColumns(grid: Grid, columns: readonly number[]): Grid {
  return {
    ...grid,
    columns: columns.map((i) => grid.columns[i]!),
    groups: grid.groups.map(({ name, rows }) => ({
      name,
      rows: rows.map((row) => ({ ...row, cells: columns.map((i) => row.cells[i]!) })),
    })),
  };
}

/** Cuts a grid into grids of at most so many lines of text, between rows; each has at least one row. */
export function cutRows(grid: Grid, lines: number): Grid[] {
  const rowsEach = Math.max(1, Math.floor(lines / grid.lines.length));
  const flat = grid.groups.flatMap(({ name, rows }) => rows.map((row) => ({ name, row })));
  const parts = Array.from({ length: Math.ceil(flat.length / rowsEach) }, (_, i) =>
    flat.slice(i * rowsEach, (i + 1) * rowsEach),
  );
  if (parts.length <= 1) return [grid];
  return parts.map((part) => ({
    ...grid,
    groups: grid.groups
      .map(({ name }) => ({
        name,
        rows: part.filter((member) => member.name === name).map(({ row }) => row),
      }))
      .filter(({ rows }) => rows.length > 0),
  }));
}
