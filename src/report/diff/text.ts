import type {
  Allowance,
  ChangedSample,
  ColumnDifference,
  DiffResult,
  GuardGroup,
  PairColumn,
  PairKey,
  SampleComparison,
  SideFacts,
  TimingRatio,
} from '../../results/diff/types.js';

/** How many of what a comparison found. */
export interface DiffCounts {
  readonly paired: number;
  readonly same: number;
  readonly differing: number;
  readonly notComparable: number;
  readonly onlyInA: number;
  readonly onlyInB: number;
  readonly samplesPaired: number;
  readonly samplesFlipped: number;
}

export function countAll({ cells, same, samplesPaired, onlyInA, onlyInB }: DiffResult): DiffCounts {
  let [equal, differing, samplesFlipped] = [same.count, 0, 0];
  for (const { state, samples } of cells) {
    if (state === 'same') equal++;
    if (state === 'differs') differing++;
    samplesFlipped += (samples?.gained ?? 0) + (samples?.lost ?? 0);
  }
  const paired = cells.length + same.count;
  return {
    ...{ paired, same: equal, differing, notComparable: paired - equal - differing },
    ...{ onlyInA: onlyInA.length, onlyInB: onlyInB.length, samplesPaired, samplesFlipped },
  };
}

/** The outcome in one sentence, without a full stop. */
export function headline(result: DiffResult): string {
  const { paired, same, differing, samplesPaired, samplesFlipped, ...counts } = countAll(result);
  const lonely = [
    ...(counts.onlyInA > 0 ? [`${plural(counts.onlyInA, 'cell')} only in A`] : []),
    ...(counts.onlyInB > 0 ? [`${plural(counts.onlyInB, 'cell')} only in B`] : []),
  ];
  const bySample = samplesPaired > 0 ? [`${plural(samplesPaired, 'sample')} paired by id`] : [];
  const flipped = samplesFlipped > 0 ? [`${samplesFlipped} of them flipped`] : [];
  switch (result.verdict) {
    case 'same':
      return [`same: ${plural(paired, 'cell')} compared`, ...bySample, ...flipped, ...lonely].join(', ');
    case 'differs':
      return [`differs: ${differing} of ${plural(paired, 'cell')}`, ...bySample, ...flipped, ...lonely].join(
        ', ',
      );
    case 'not-comparable': {
      const rest =
        same + differing === 0
          ? []
          : [`of ${plural(paired, 'cell')}, ${same} are the same and ${differing} differ`];
      const things = result.guards.length;
      const what =
        things === 1 ? '1 thing that decides answers differs' : `${things} things that decide answers differ`;
      return [`not comparable: ${what}`, ...rest].join('; ');
    }
  }
}

/** `run, 84 cells, finished`. */
export function sideText({ kind, cells, state }: SideFacts): string {
  return [kind === 'run' ? 'run' : 'table', plural(cells, 'cell'), ...(state === null ? [] : [state])].join(
    ', ',
  );
}

/** Names cells by benchmark and method, and by whatever else differs among the cells of the tables. */
export function cellNamer({ varying }: DiffResult): (key: PairKey) => string {
  let columns: readonly PairColumn[] | undefined;
  return (key) => {
    columns ??= varying();
    const more = columns.map((column) => `${column} ${key[column] === '' ? 'none' : key[column]}`).join(', ');
    return plain(`${key.benchmark} / ${key.method}${more === '' ? '' : ` (${more})`}`);
  };
}

/** B - A, or for a relative rule the part of A by which B differs. */
export function changeText({ a, b, allowed, group }: ColumnDifference): string {
  if (a === '' || b === '') return '-';
  const [from, to] = [Number(a), Number(b)];
  const isRelative = allowed.kind === 'relative' || (allowed.kind === 'any' && group === 'timing');
  if (isRelative && from !== 0) return `${signed((100 * (to - from)) / from, 3)} %`;
  return signed(to - from, 6);
}

export function allowedText(allowed: Allowance): string {
  switch (allowed.kind) {
    case 'exact':
      return 'equal';
    case 'absolute':
      return `+-${digits(allowed.value, 3)} (${allowed.why})`;
    case 'relative':
      return `+-${digits(100 * allowed.value, 3)} % (${allowed.why})`;
    case 'any':
      return `any (${allowed.why})`;
  }
}

export function valueText(value: string): string {
  return value === '' ? '-' : value;
}

/** `config_sha256 (4 cells): 9b9f4466b41f in A, 77aa01c2d3e4 in B, and 3 other pairs`. */
export function guardText({ name, cells, values }: GuardGroup): string {
  const [first, ...others] = values;
  const where = cells > 0 ? ` (${plural(cells, 'cell')})` : '';
  const more = others.length === 0 ? '' : `, and ${plural(others.length, 'other pair')} of values`;
  return `${name}${where}: ${shortened(first!.a)} in A, ${shortened(first!.b)} in B${more}`;
}

/** What became of the samples of a cell; empty if nothing did. */
export function samplesText(samples: SampleComparison): string {
  const { gained, lost, otherAnswers, otherIds, onlyInA, onlyInB, mcnemarP } = samples;
  const parts: string[] = [];
  if (gained + lost > 0) {
    const p = digits(mcnemarP, 2);
    parts.push(`${gained + lost} flipped (${gained} gained, ${lost} lost; McNemar p = ${p})`);
  }
  if (otherAnswers > 0) parts.push(`${otherAnswers} with another answer`);
  if (otherIds > 0) parts.push(`${otherIds} with another output`);
  if (onlyInA.length > 0) parts.push(`${onlyInA.length} only in A`);
  if (onlyInB.length > 0) parts.push(`${onlyInB.length} only in B`);
  return parts.length === 0 ? '' : `of ${plural(samples.paired, 'paired sample')}: ${parts.join(', ')}`;
}

/** `gsm8k/0012-ab: right -> wrong, answer "4" -> "5"`. */
export function changedText({ sample, a, b }: ChangedSample): string {
  const judged = ({ correct }: ChangedSample['a']) => (correct ? 'right' : 'wrong');
  const answer = ({ extracted }: ChangedSample['a']) =>
    extracted === null ? 'none' : JSON.stringify(shortened(extracted));
  const parts = [
    ...(a.correct === b.correct ? [] : [`${judged(a)} -> ${judged(b)}`]),
    ...(a.extracted === b.extracted ? [] : [`answer ${answer(a)} -> ${answer(b)}`]),
  ];
  return `${plain(sample)}: ${parts.length === 0 ? 'another output, same answer' : parts.join(', ')}`;
}

/** `tps 0.98x to 1.03x (median 1x)`, B over A. */
export function ratioText({ column, cells, lowest, median, highest }: TimingRatio): string {
  if (cells === 1) return `${column} ${digits(median, 3)}x`;
  return `${column} ${digits(lowest, 3)}x to ${digits(highest, 3)}x (median ${digits(median, 3)}x)`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The start of a digest or of a long text. */
export function shortened(value: string): string {
  if (/^[0-9a-f]{64}$/.test(value)) return value.slice(0, 12);
  return plain(value.length > 60 ? `${value.slice(0, 57)}...` : value);
}

/** Text of a file as a part of one line: a name in a CSV may hold newlines and commands for the terminal. */
function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

function digits(value: number, precision: number): string {
  return String(Number(value.toPrecision(precision)));
}

function signed(value: number, precision: number): string {
  return `${value > 0 ? '+' : ''}${digits(value, precision)}`;
}
