import type { Axis, Mark } from './chart.js';

/** The span of an axis of numbers: that of all marks on it, or the axis's own. */
export function domainOf(
  axis: Axis & { readonly kind: 'number' },
  marks: readonly Mark[],
  name: 'x' | 'y',
): readonly [number, number] {
  if (axis.domain !== undefined) return axis.domain;
  const isLog = axis.scale === 'log';
  const values = marks
    .flatMap((mark) => valuesOf(mark, name))
    .filter((value): value is number => typeof value === 'number' && (!isLog || value > 0));
  if (axis.zero && !isLog) values.push(0);
  if (values.length === 0) return isLog ? [1, 10] : [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low < high) return [low, high];
  if (isLog) return [low / 2, high * 2];
  if (low === 0) return [0, 1];
  const pad = Math.abs(low) / 10;
  return [low - pad, high + pad];
}

/** What a mark has on an axis; names and null among it. */
function valuesOf(mark: Mark, name: 'x' | 'y'): (number | string | null)[] {
  switch (mark.kind) {
    case 'bars':
      return name === 'x' ? mark.bars.flatMap(({ value, low, high }) => [value, low, high]) : [];
    case 'stack':
      return name === 'x' ? mark.pieces.flatMap(({ from, to }) => [from, to]) : [];
    case 'dots':
      return mark.dots.flatMap((dot) =>
        name === 'x' ? [dot.x, dot.xLow, dot.xHigh] : [dot.y, dot.yLow, dot.yHigh],
      );
    case 'line':
      return mark.points.flatMap((point) => (name === 'x' ? [point.x] : [point.y, point.low, point.high]));
    case 'cells':
      return mark.cells.flatMap((cell) => edges(cell[name]));
    case 'published':
    case 'rule':
      return mark.axis === name ? [mark.value] : [];
  }
}

/** A cell on an axis of numbers is one wide. */
function edges(value: number | string): (number | string)[] {
  return typeof value === 'number' ? [value - 0.5, value + 0.5] : [value];
}
