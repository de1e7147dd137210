import { sizes } from './look.js';
import { textWidth } from './text.js';

/** The inside of a pair of axes, in pixels. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** The pixel of a value; the middle of a name's band. */
  readonly x: (value: number | string) => number;
  readonly y: (value: number | string) => number;
}

export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

/** Where the middle of a label is, from its mark. */
export interface Placed {
  readonly dx: number;
  readonly dy: number;
  /** Whether it is so far away that a line must lead to it. */
  readonly isFar: boolean;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Half of a mark, and of a line of text. */
const markHalf = 5;
const textHalf = sizes.text / 2 + 1;
const directions = [
  [1, 0],
  [0, -1],
  [0, 1],
  [-1, 0],
  [1, -1],
  [1, 1],
  [-1, -1],
  [-1, 1],
] as const;
const distances = [1, 8, 18, 30, 44, 60];

/**
 * Places labels beside their marks, the first ones nearest, so that none lies on another one or on a mark and all are
 * in the frame. Where there is no such place a label stays beside its mark.
 */
export function placeLabels(anchors: readonly Anchor[], frame: Frame): Placed[] {
  const marks = anchors.map(({ x, y }) => boxAround(x, y, markHalf, markHalf));
  const taken: Box[] = [];
  return anchors.map(({ x, y, label }) => {
    const half = textWidth(label, sizes.text) / 2 + 1;
    for (const distance of distances) {
      for (const [across, down] of directions) {
        const [dx, dy] = [across * (markHalf + half + distance), down * (markHalf + textHalf + distance)];
        const box = boxAround(x + dx, y + dy, half, textHalf);
        if (!isInside(box, frame) || [...marks, ...taken].some((other) => overlaps(box, other))) continue;
        taken.push(box);
        return { dx, dy, isFar: distance > distances[0]! };
      }
    }
    return { dx: markHalf + half + 2, dy: 0, isFar: false };
  });
}

function boxAround(x: number, y: number, halfWidth: number, halfHeight: number): Box {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

function isInside(box: Box, frame: Frame): boolean {
  return (
    box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom
  );
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
