import type { DiffResult } from '../../results/diff/types.js';
import type { DiffReporter } from './reporter.js';
import { allowedText, cellNamer, changeText, guardText, headline, samplesText, valueText } from './text.js';

/** GitHub shows ten annotations of a kind per step; the last one of ours counts the rest. */
const most = 10;

/** Workflow commands that GitHub Actions shows as annotations: an error for each difference, warnings. */
export const githubReporter: DiffReporter = {
  render(result) {
    const lines = [
      ...annotations('error', `repro diff: ${result.verdict}`, errorsOf(result)),
      ...annotations('warning', 'repro diff', result.warnings),
    ];
    return lines.map((line) => `${line}\n`).join('');
  },
};

function errorsOf(result: DiffResult): string[] {
  if (result.verdict === 'same') return [];
  if (result.verdict === 'not-comparable') return [headline(result), ...result.guards.map(guardText)];
  const name = cellNamer(result);
  const cells = result.cells.filter(({ state }) => state === 'differs');
  const lonely = [['A', result.onlyInA] as const, ['B', result.onlyInB] as const];
  return [
    ...cells.map(({ key, columns, samples }) => {
      const parts = columns.map(
        (d) =>
          `${d.column} ${valueText(d.a)} -> ${valueText(d.b)} (${changeText(d)}, allowed ${allowedText(d.allowed)})`,
      );
      const text = samples === undefined ? '' : samplesText(samples);
      return `${name(key)}: ${[...parts, ...(text === '' ? [] : [text])].join('; ')}`;
    }),
    ...lonely.flatMap(([side, list]) =>
      list.filter(({ wanted }) => wanted).map(({ key }) => `${name(key)}: only in ${side}`),
    ),
  ];
}

function annotations(kind: 'error' | 'warning', title: string, messages: readonly string[]): string[] {
  const shown = messages.length > most ? messages.slice(0, most - 1) : messages;
  const rest = messages.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].map(
    (message) => `::${kind} title=${property(title)}::${data(message)}`,
  );
}

/** As the runner's own toolkit escapes a message and a property. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
