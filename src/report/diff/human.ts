import type { DiffResult, LonelyCell, PairKey } from '../../results/diff/types.js';
import { type CutCell, changedTexts, cutDifferences, hiddenText, lonelyTexts } from './cut.js';
import type { DiffReporter } from './reporter.js';
import {
  allowedText,
  cellNamer,
  changeText,
  guardText,
  headline,
  ratioText,
  samplesText,
  sideText,
  valueText,
} from './text.js';

/** For a terminal. */
export const humanReporter: DiffReporter = {
  render(result) {
    const name = cellNamer(result);
    const width = Math.max(result.a.path.length, result.b.path.length);
    const lines = [
      `A  ${result.a.path.padEnd(width)}  ${sideText(result.a)}`,
      `B  ${result.b.path.padEnd(width)}  ${sideText(result.b)}`,
      ...result.warnings.map((warning) => `warning: ${warning}`),
      ...result.notes.map((note) => `note: ${note}`),
      headline(result),
    ];
    if (result.verdict === 'not-comparable') {
      lines.push(...result.guards.map((guard) => `  ${guardText(guard)}`));
    } else {
      lines.push(`rule: ${result.rules.deterministic}`);
      lines.push(...differenceLines(result, name));
    }
    lines.push(
      ...lonelyLines('A', result.onlyInA, 'B', name),
      ...lonelyLines('B', result.onlyInB, 'A', name),
      ...timingLines(result),
    );
    return `${lines.join('\n')}\n`;
  },
};

function differenceLines(result: DiffResult, name: (key: PairKey) => string): string[] {
  const cut = cutDifferences(result);
  if (cut.cells.length === 0) return [];
  const hidden = hiddenText(cut);
  return [
    ...cut.cells.flatMap((cell) => ['', name(cell.cell.key), ...cellLines(cell)]),
    '',
    ...(hidden === undefined ? [] : [`... and ${hidden}`]),
  ];
}

function cellLines({ cell, columns }: CutCell): string[] {
  const rows = [
    ['column', 'A', 'B', 'difference', 'allowed'],
    ...columns.map((difference) => [
      difference.column,
      valueText(difference.a),
      valueText(difference.b),
      changeText(difference),
      allowedText(difference.allowed),
    ]),
  ];
  const text = cell.samples === undefined ? '' : samplesText(cell.samples);
  return [
    ...(columns.length === 0 ? [] : aligned(rows)),
    ...(text === '' ? [] : [`  ${text}`]),
    ...changedTexts(cell).map((changed) => `    ${changed}`),
  ];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd());
}

function lonelyLines(
  side: string,
  cells: readonly LonelyCell[],
  other: string,
  name: (key: PairKey) => string,
): string[] {
  if (cells.length === 0) return [];
  return [`only in ${side}:`, ...lonelyTexts(cells, other, name).map((cell) => `  ${cell}`)];
}

function timingLines({ timing, hardware }: DiffResult): string[] {
  if (timing.length === 0) return [];
  const remark = hardware === 'other' ? '; other hardware, so timing is shown and not judged' : '';
  return [`B over A: ${timing.map(ratioText).join(', ')}${remark}`];
}
