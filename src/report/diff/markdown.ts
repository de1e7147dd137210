import type { DiffResult, LonelyCell, PairKey } from '../../results/diff/types.js';
import { type CutCell, cutDifferences, hiddenText, shownLonely, shownSamples } from './cut.js';
import type { DiffReporter } from './reporter.js';
import {
  allowedText,
  cellNamer,
  changedText,
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
  const changed = cell.samples?.changed ?? [];
  return [
    `- ${escaped(name(cell.key))}, ${text}`,
    ...changed.slice(0, shownSamples).map((sample) => `  - ${escaped(changedText(sample))}`),
    ...(changed.length > shownSamples ? [`  - ... and ${changed.length - shownSamples} more`] : []),
  ];
}

function lonelyBlocks(
  side: string,
  cells: readonly LonelyCell[],
  other: string,
  name: (key: PairKey) => string,
): string[] {
  if (cells.length === 0) return [];
  const shown = cells
    .slice(0, shownLonely)
    .map(({ key, wanted }) => `- ${escaped(name(key))}${wanted ? '' : ` (${other} was not asked for it)`}`);
  const more = cells.length > shownLonely ? [`- ... and ${cells.length - shownLonely} more`] : [];
  return [`Only in ${side}:`, [...shown, ...more].join('\n')];
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
