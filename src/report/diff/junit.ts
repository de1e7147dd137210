import type { CellComparison, DiffResult, Guard, LonelyCell, PairKey } from '../../results/diff/types.js';
import type { DiffReporter } from './reporter.js';
import {
  allowedText,
  cellNamer,
  changedText,
  changeText,
  guardText,
  headline,
  samplesText,
  shortened,
  valueText,
} from './text.js';

interface Case {
  readonly suite: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped';
  readonly message: string;
  readonly details: readonly string[];
}

/** For CI servers: one test case a cell. A cell that is not comparable is an error. */
export const junitReporter: DiffReporter = {
  render(result) {
    const cases = casesOf(result);
    const count = (outcome: Case['outcome']) => cases.filter((c) => c.outcome === outcome).length;
    const totals =
      `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" ` +
      `skipped="${count('skipped')}"`;
    const lines = [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites name="repro diff" ${totals}>`,
      `  <testsuite name="${xml(`${result.a.path} - ${result.b.path}`)}" ${totals}>`,
      ...cases.flatMap(caseLines),
      '  </testsuite>',
      '</testsuites>',
    ];
    return `${lines.join('\n')}\n`;
  },
};

function casesOf(result: DiffResult): Case[] {
  const name = cellNamer(result);
  const ofCells = new Set(result.cells.flatMap(({ guards }) => guards.map((guard) => guard.name)));
  const ofRun = result.guards.filter((guard) => !ofCells.has(guard.name)).map(guardText);
  const cases = [
    ...result.cells.map((cell) => cellCase(cell, name, ofRun)),
    ...result.same.keys().map((key) => passedCase(key, name)),
    ...result.onlyInA.map((cell) => lonelyCase(cell, 'A', name)),
    ...result.onlyInB.map((cell) => lonelyCase(cell, 'B', name)),
  ];
  if (cases.length > 0) return cases;
  const details = result.guards.map(guardText);
  return [{ suite: 'repro diff', name: 'tables', outcome: 'error', message: headline(result), details }];
}

function passedCase(key: PairKey, name: (key: PairKey) => string): Case {
  return { suite: key.experiment, name: name(key), outcome: 'passed', message: '', details: [] };
}

function cellCase(cell: CellComparison, name: (key: PairKey) => string, ofRun: readonly string[]): Case {
  const { key, state, columns, samples, guards } = cell;
  const base = { suite: key.experiment, name: name(key) };
  if (state === 'same') return passedCase(key, name);
  if (state === 'not-comparable') {
    const details = [...ofRun, ...guards.map(plainGuard)];
    return { ...base, outcome: 'error', message: 'not comparable', details };
  }
  const text = samples === undefined ? '' : samplesText(samples);
  const details = [
    ...columns.map(
      (d) =>
        `${d.column}: ${valueText(d.a)} in A, ${valueText(d.b)} in B, ` +
        `${changeText(d)}, allowed ${allowedText(d.allowed)}`,
    ),
    ...(text === '' ? [] : [text, ...samples!.changed.map(changedText)]),
  ];
  const what = columns.map(({ column }) => column).join(', ');
  return { ...base, outcome: 'failure', message: `differs: ${what === '' ? 'samples' : what}`, details };
}

function lonelyCase({ key, wanted }: LonelyCell, side: string, name: (key: PairKey) => string): Case {
  const outcome = wanted ? 'failure' : 'skipped';
  return { suite: key.experiment, name: name(key), outcome, message: `only in ${side}`, details: [] };
}

function plainGuard({ name, a, b }: Guard): string {
  return `${name}: ${shortened(a)} in A, ${shortened(b)} in B`;
}

function caseLines({ suite, name, outcome, message, details }: Case): string[] {
  const open = `    <testcase classname="${xml(suite)}" name="${xml(name)}"`;
  if (outcome === 'passed') return [`${open}/>`];
  const attributes = `message="${xml(message)}"`;
  const body = details.length === 0 ? '/>' : `>${xml(details.join('\n'))}</${outcome}>`;
  return [`${open}>`, `      <${outcome} ${attributes}${body}`, '    </testcase>'];
}

/** Escaped, without the characters that XML cannot hold. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?')
    .replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
}
