import { counted } from '../counted.js';
import type { SplitFinding } from '../tasks/check-data.js';
import type { CheckedData, ListedData, PulledData } from './data-facts.js';
import { styled } from './style.js';

export function renderDataList(sets: readonly ListedData[]): string {
  return sets
    .map(({ id, title, hub, page, gated, licence, upstream, splits }) =>
      [
        `${id.padEnd(10)} ${title}, ${licence}`,
        `           hub       ${hub}`,
        ...(gated
          ? [
              `           gated     accept its terms at ${page} with an account, make a token there, set HF_TOKEN;`,
              '                     then "repro data pull gpqa". Its authors ask that no item be shown in public.',
            ]
          : []),
        `           upstream  ${upstream}`,
        ...splits.map(
          ({ split, rows, here }) =>
            `           ${split.padEnd(10)}${String(rows).padStart(6)} rows  ${here ?? 'not here'}`,
        ),
      ].join('\n'),
    )
    .join('\n\n');
}

export function renderChecked(sets: readonly CheckedData[], stream: NodeJS.WriteStream): string {
  const lines = sets.flatMap(({ id, splits }) =>
    splits.map((finding) => {
      const [colour, word] = marks[finding.state];
      return `${styled(colour, word.padEnd(6), stream)} ${id.padEnd(10)} ${finding.split.padEnd(10)} ${describe(finding)}`;
    }),
  );
  return lines.join('\n');
}

const marks = {
  whole: ['green', 'ok'],
  partial: ['yellow', 'part'],
  absent: ['gray', '-'],
  broken: ['red', 'broken'],
} as const;

function describe(finding: SplitFinding): string {
  switch (finding.state) {
    case 'absent':
      return `${finding.expected} rows, not here`;
    case 'broken':
      return finding.message;
    default: {
      const { rows, expected, files, folder, sha256, notices } = finding;
      const count = rows === expected ? counted(rows, 'row') : `${rows} of ${expected} rows`;
      const more =
        notices.length === 0
          ? ''
          : `; ${notices[0]}${notices.length > 1 ? ` (and ${notices.length - 1} more)` : ''}`;
      return `${count} in ${counted(files, 'file')} of ${folder}, sha256 ${sha256.slice(0, 12)}${more}`;
    }
  }
}

export function renderPulled(sets: readonly PulledData[]): string {
  return sets
    .flatMap(({ id, hub, commit, folder, files, splits }) => [
      `${id}: ${hub} at ${commit}, ${counted(files, 'file')} in ${folder}`,
      ...splits
        .filter(({ state }) => state !== 'absent')
        .map((finding) => `  ${finding.split.padEnd(10)} ${describe(finding)}`),
    ])
    .join('\n');
}
