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

/** For pull requests and GitHub's step summary. */
export const markdownReporter: DiffReporter = {
  render(result) {
    const name = cellNamer(result);
    const blocks = [
      `### repro diff: ${escaped(headline(result))}`,
      [
        `- A: \`${result.a.path}\` (${sideText(result.a)})`,
        `- B: \`${result.b.path}\` (${sideText(result.b)})`,
        ...result.warnings.map((warning) => `- **warning**: ${escaped(warning)}`),
        ...result.notes.map((note) => `- ${escaped(note)}`),
      ].join('\n'),
      ...(result.verdict === 'not-comparable'
        ? [result.guards.map((guard) => `- ${escaped(guardText(guard))}`).join('\n')]
        : [`Rule: ${result.rules.deterministic}.`, ...differenceBlocks(result, name)]),
      ...lonelyBlocks('A', result.onlyInA, 'B', name),
      ...lonelyBlocks('B', result.onlyInB, 'A', name),
      ...timingBlocks(result),
    ];
    return `${blocks.join('\n\n')}\n`;
  },
};

function differenceBlocks(result: DiffResult, name: (key: PairKey) => string): string[] {
  const cut = cutDifferences(result);
  if (cut.cells.length === 0) return [];
  const rows = cut.cells.flatMap(({ cell, columns }) =>
    columns.map((difference) => [
      name(cell.key),
      difference.column,
      valueText(difference.a),
      valueText(difference.b),
      changeText(difference),
      allowedText(difference.allowed),
    ]),
  );
  const table = [
    '| cell | column | A | B | difference | allowed |',
    '| --- | --- | ---: | ---: | ---: | --- |',
    ...rows.map((row) => `| ${row.map(escaped).join(' | ')} |`),
  ].join('\n');
  const samples = cut.cells.flatMap((cell) => sampleLines(cell, name));
  const hidden = hiddenText(cut);
  return [
    ...(rows.length === 0 ? [] : [table]),
    ...(samples.length === 0 ? [] : [samples.join('\n')]),
    ...(hidden === undefined ? [] : [`... and ${hidden}`]),
  ];
}

function sampleLines({ cell }: CutCell, name: (key: PairKey) => string): string[] {
  const text = cell.samples === undefined ? '' : samplesText(cell.samples);
  if (text === '') return [];
  return [
    `- ${escaped(name(cell.key))}, ${text}`,
    ...changedTexts(cell).map((changed) => `  - ${escaped(changed)}`),
  ];
}

function lonelyBlocks(
  side: string,
  cells: readonly LonelyCell[],
  other: string,
  name: (key: PairKey) => string,
): string[] {
  if (cells.length === 0) return [];
  const items = lonelyTexts(cells, other, name).map((cell) => `- ${escaped(cell)}`);
  return [`Only in ${side}:`, items.join('\n')];
}

function timingBlocks({ timing, hardware }: DiffResult): string[] {
  if (timing.length === 0) return [];
  const remark = hardware === 'other' ? ' Other hardware, so timing is shown and not judged.' : '';
  return [`B over A: ${timing.map(ratioText).map(escaped).join(', ')}.${remark}`];
}

/** Text in which no character makes markup, a table cell or a line of its own. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|]/g, '\\$&').replace(/\s*\n\s*/g, ' ');
}
