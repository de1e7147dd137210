import type { ChosenRows, Decoded, Margins, Reveal } from './protocol.js';

/** Where two runs part: the first pass, of those that reveal something, that reveals different tokens. */
export interface Difference {
  /** 0-based number of the pass on each side; passes that reveal nothing are left out here, but not there. */
  readonly oursPass: number;
  readonly theirsPass: number;
  /** What one side reveals and the other does not. */
  readonly ours: readonly Reveal[];
  readonly theirs: readonly Reveal[];
}

/** The first difference in tokens or their order; undefined if there is none. */
export function firstDifference(ours: Decoded, theirs: Decoded): Difference | undefined {
  const [own, other] = [revealing(ours), revealing(theirs)];
  for (let i = 0; i < Math.max(own.length, other.length); i++) {
    const [a, b] = [own[i], other[i]];
    const only = {
      ours: without(a?.step ?? [], b?.step ?? []),
      theirs: without(b?.step ?? [], a?.step ?? []),
    };
    if (only.ours.length + only.theirs.length === 0) continue;
    return {
      oursPass: a?.pass ?? ours.steps.length - 1,
      theirsPass: b?.pass ?? theirs.steps.length - 1,
      ...only,
    };
  }
  return undefined;
}

function revealing({ steps }: Decoded): { pass: number; step: readonly Reveal[] }[] {
  return steps.map((step, pass) => ({ pass, step })).filter(({ step }) => step.length > 0);
}

function without(list: readonly Reveal[], other: readonly Reveal[]): readonly Reveal[] {
  return list.filter(([position, id]) => !other.some((twin) => twin[0] === position && twin[1] === id));
}

/** Positions that both sides revealed, with different tokens. */
export function differentTokens(ours: Decoded, theirs: Decoded, maskId: number): number {
  return ours.tokens.filter((id, position) => {
    const other = theirs.tokens[position];
    return id !== other && id !== maskId && other !== maskId;
  }).length;
}

/** Confidences that near are told apart by the order of float32 sums, on each side its own. */
const tieWidth = 1e-6;
/** The same of two logits. */
const logitTieWidth = 1e-4;

/**
 * Whether the sides part at a tie: the positions that they choose differently are equally confident on both sides,
 * two tokens of one position are, or the rows were that the caches chose differently before.
 */
export function isTie(difference: Difference, own: Margins, other: Margins): boolean {
  const dispute = rowDispute(own, other);
  if (dispute !== undefined) {
    const { counts, ours, theirs } = dispute;
    return counts.ours === counts.theirs && [ours, theirs].every(({ low, high }) => high - low <= tieWidth);
  }
  return isTokenTie(difference, own, other);
}

/** The first layer of the first pass in which the caches chose different rows. */
interface RowDispute {
  readonly step: number;
  readonly layer: number;
  /** Rows that each side computed. */
  readonly counts: { readonly ours: number; readonly theirs: number };
  /** Rows that one side computed and the other did not. */
  readonly rows: readonly number[];
  /** Least and largest distance of those rows on each side. */
  readonly ours: Range;
  readonly theirs: Range;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** Undefined where both sides computed the same rows until they parted. */
function rowDispute(own: Margins, other: Margins): RowDispute | undefined {
  for (const theirs of other.chosen) {
    const { step, layer, first } = theirs;
    const ours = own.chosen.find((one) => one.step === step && one.layer === layer);
    if (ours === undefined) continue;
    const [a, b] = [new Set(ours.rows.filter((row) => row >= first)), new Set(theirs.rows)];
    const rows = [...new Set([...a, ...b])].filter((row) => a.has(row) !== b.has(row));
    if (rows.length === 0) continue;
    const counts = { ours: a.size, theirs: b.size };
    return { step, layer, counts, rows, ours: rangeOf(ours, rows), theirs: rangeOf(theirs, rows) };
  }
  return undefined;
}

function rangeOf({ distances, first }: ChosenRows, rows: readonly number[]): Range {
  const values = rows.map((row) => distances[row - first] ?? Number.NaN);
  return { low: Math.min(...values), high: Math.max(...values) };
}

function isTokenTie({ ours, theirs }: Difference, own: Margins, other: Margins): boolean {
  if (ours.length === 0 || theirs.length === 0) return false;
  const positions = [...new Set([...ours, ...theirs].map(([position]) => position))];
  if (positions.length === 1) {
    return [own, other].every((margins) => of(margins, positions[0]!).gap <= logitTieWidth);
  }
  return [own, other].every((margins) => {
    const confidences = positions.map((position) => of(margins, position).confidence);
    return Math.max(...confidences) - Math.min(...confidences) <= tieWidth;
  });
}

/** What a side knew of a position; NaN where it could not choose it. */
function of(
  { positions, confidences, gaps }: Margins,
  position: number,
): { confidence: number; gap: number } {
  const at = positions.indexOf(position);
  return { confidence: confidences[at] ?? Number.NaN, gap: gaps[at] ?? Number.NaN };
}

/** A difference in words: what was revealed, and what each side knew of those positions in that pass. */
export function describeDifference(difference: Difference, own: Margins, other: Margins): string {
  const { oursPass, theirsPass, ours, theirs } = difference;
  const known = (margins: Margins, position: number) => {
    const { confidence, gap } = of(margins, position);
    return `${confidence.toPrecision(9)} (logit gap ${gap.toPrecision(3)})`;
  };
  const text = (list: readonly Reveal[]) =>
    list
      .map(
        ([position, id]) =>
          `${position} = ${id}, confidence ${known(own, position)} / ${known(other, position)}`,
      )
      .join('; ') || 'nothing more';
  const kind = isTie(difference, own, other) ? 'a tie of float32' : 'no tie';
  const dispute = rowDispute(own, other);
  const range = ({ low, high }: Range) => `${low.toExponential(2)} to ${high.toExponential(2)}`;
  const before =
    dispute === undefined
      ? ''
      : `; before that, in pass ${dispute.step}, layer ${dispute.layer} computed other rows (${dispute.counts.ours} here, ` +
        `${dispute.counts.theirs} in PyTorch): ${dispute.rows.length} in dispute, ` +
        `with distances of ${range(dispute.ours)} here, ${range(dispute.theirs)} in PyTorch`;
  return `${kind}: here pass ${oursPass} revealed ${text(ours)}, in PyTorch pass ${theirsPass} revealed ${text(theirs)} (confidences here / in PyTorch)${before}`;
}
