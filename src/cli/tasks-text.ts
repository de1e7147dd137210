import type { WriteStream } from 'node:tty';
import { styled } from './style.js';
import type { ListedTask, ShownTask } from './tasks-facts.js';

/** One line a task. */
export function renderTaskList(tasks: readonly ListedTask[]): string {
  const rows = tasks.map(({ id, profile, rows: count, shots, data, aliases, scorers }) => [
    id,
    profile,
    count === null ? '' : String(count),
    String(shots),
    scorers.join(', '),
    data,
    aliases.join(', '),
  ]);
  const table = [['task', 'profile', 'samples', 'shots', 'scorers', 'data', 'also called'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Facts of a sample, then its prompt as it is. */
export function renderShown(shown: ShownTask, stream: NodeJS.WriteStream | WriteStream): string {
  const { task, profile, version, index, of, id, data, shots, until, generation, lengths, tokens } = shown;
  const settings = ({ genLength, blockLength, steps }: ShownTask['generation']) =>
    `genLength ${genLength}, blockLength ${blockLength}, steps ${steps}`;
  const rows = shots.rows === null ? '' : `: rows ${shots.rows.join(' ')}`;
  const template = shown.template === null ? '' : `, template ${shown.template}`;
  const facts: [string, string][] = [
    ['sample', `${index} of ${of}: ${id}`],
    ['data', `${data.file}, sha256 ${data.sha256}`],
    ['examples', shots.count === 0 ? 'none' : `${shots.count} of ${shots.from}${rows}`],
    ['stop', until.length === 0 ? 'nothing' : until.map((text) => JSON.stringify(text)).join(' ')],
    ['lengths', settings(generation)],
    ...Object.entries(lengths).map(([name, other]): [string, string] => ['', `${name}: ${settings(other)}`]),
    ['scorers', shown.scorers.join(', ')],
    ['target', JSON.stringify(shown.target.length > 80 ? `${shown.target.slice(0, 80)}...` : shown.target)],
    ['rendering', `${shown.render}${template}`],
    ['sha256', `${shown.sha256}, ${shown.characters} characters`],
    ...(tokens === null ? [] : [['tokens', `${tokens.length}: ${tokens.join(' ')}`] as [string, string]]),
  ];
  const lines = facts.map(([name, text]) => `${styled('bold', name.padEnd(10), stream)} ${text}`);
  return [`${task}, profile ${profile}, version ${version}`, ...lines, '', shown.prompt].join('\n');
}
