import { groupBy } from '../../src/group-by.js';
import { median } from '../../src/stats/summary.js';

type Row = Readonly<Record<string, string>>;

const head = [
  'model',
  'layers',
  'precision',
  'methods',
  'weights',
  'anonymous at most',
  'bound',
  'mapped at most',
  'load',
  'full pass',
  'partial pass',
  'different tokens',
];

/** Markdown table with a line for each model, depth and precision of `slices.csv`; GB, and median seconds over the methods. */
export function slicesTable(rows: readonly Row[]): string {
  const lines = [
    ...groupBy(rows, ({ model, layers, precision }) => `${model} ${layers} ${precision}`).values(),
  ].map((own) => {
    const { model, layers, precision, weights_gb, bound_gb } = own[0]!;
    const most = (column: string) => `${Math.max(...numbers(own, column)).toFixed(2)} GB`;
    return [
      ...[model!, layers!, precision!, `${own.length}`, `${Number(weights_gb).toFixed(2)} GB`],
      ...[most('peak_anonymous_gb'), `${Number(bound_gb).toFixed(2)} GB`, most('peak_mapped_gb')],
      ...['load_ms', 'full_pass_ms', 'partial_pass_ms'].map(
        (column) => `${(median(numbers(own, column)) / 1000).toFixed(2)} s`,
      ),
      `${Math.min(...numbers(own, 'distinct_tokens'))} of ${own[0]!.tokens} or more`,
    ];
  });
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** Those cells of a column that hold a number. */
function numbers(rows: readonly Row[], column: string): number[] {
  return rows
    .map((row) => row[column])
    .filter((cell) => cell !== '')
    .map(Number);
}
