import type { Decoded, Margins, Reveal } from './protocol.js';

/** Where two runs part: the first pass, of those that reveal something, that reveals different tokens. */
export interface Difference {
  readonly pass: number;
  readonly ours: readonly Reveal[];
  readonly theirs: readonly Reveal[];
  /** The canvas that both sides had before. */
  readonly canvas: readonly number[];
}

/** The first difference of the order of tokens; undefined if there is none. */
export function firstDifference(
  ours: Decoded,
  theirs: Decoded,
  maskId: number,
  promptLength: number,
): Difference | undefined {
  const revealing = ({ steps }: Decoded) => steps.filter((step) => step.length > 0);
  const [a, b] = [revealing(ours), revealing(theirs)];
  const canvas = ours.tokens.map((id, position) => (position < promptLength ? id : maskId));
  for (let pass = 0; pass < Math.max(a.length, b.length); pass++) {
    const [own = [], other = []] = [a[pass], b[pass]];
    if (JSON.stringify(own) !== JSON.stringify(other)) return { pass, ours: own, theirs: other, canvas };
    for (const [position, id] of own) canvas[position] = id;
  }
  return undefined;
}

/** A difference in words, with how near to a tie a plain forward of the canvas is at the positions it is about. */
export function describeDifference(
  { pass, ours, theirs }: Difference,
  { gaps, confidences }: Margins,
): string {
  const only = (list: readonly Reveal[], other: readonly Reveal[]) =>
    list.filter((reveal) => !other.some((twin) => JSON.stringify(twin) === JSON.stringify(reveal)));
  const text = (list: readonly Reveal[]) =>
    list
      .map(([position, id]) => {
        const [gap, confidence] = [gaps[position]!, confidences[position]!];
        return `${position} = ${id} (confidence ${confidence.toPrecision(9)}, logit gap ${gap.toExponential(2)})`;
      })
      .join(', ') || 'nothing';
  return (
    `pass ${pass} revealed ${text(only(ours, theirs))} here and ${text(only(theirs, ours))} in PyTorch; ` +
    'confidences and gaps are of a plain forward of the canvas before it, without the cache'
  );
}
