import type * as PlotModule from '@observablehq/plot';
import type { Bars, Cells, Dots, Line, Mark, Published, Rule, Stack } from './chart.js';
import { type Frame, placeLabels } from './labels.js';
import { heat, ink, type Look, muted, paper } from './look.js';

type Plot = typeof PlotModule;
type Marks = PlotModule.Markish[];

/** Text that is readable above lines. */
const halo = { fill: ink, stroke: paper, strokeWidth: 3, strokeOpacity: 0.85 } as const;

/** A mark as what the library draws, the lowest first. */
export function marksOf(Plot: Plot, mark: Mark, looks: readonly Look[], frame: Frame): Marks {
  switch (mark.kind) {
    case 'bars':
      return bars(Plot, mark, looks);
    case 'stack':
      return stack(Plot, mark, looks);
    case 'dots':
      return dots(Plot, mark, looks, frame);
    case 'line':
      return line(Plot, mark, looks[mark.series]!);
    case 'cells':
      return cells(Plot, mark);
    case 'published':
      return published(Plot, mark);
    case 'rule':
      return rule(Plot, mark);
  }
}

function bars(Plot: Plot, mark: Bars, looks: readonly Look[]): Marks {
  const known = mark.bars.filter(({ value }) => value !== null);
  const ranged = known.filter(({ low, high }) => low !== null && high !== null);
  return [
    // One mark a look: widths of strokes and opacities are constants of a mark.
    ...looks.flatMap((look, series) => {
      const own = known.filter((bar) => bar.series === series);
      if (own.length === 0) return [];
      const fill = { fill: look.colour, fillOpacity: look.opacity, stroke: look.colour };
      return [Plot.barX(own, { x: 'value', y: 'row', ...fill, className: 'bar' })];
    }),
    ...(ranged.length === 0
      ? []
      : [
          Plot.ruleY(ranged, { x1: 'low', x2: 'high', y: 'row', stroke: ink, className: 'interval' }),
          Plot.tickX(ranged, { x: 'low', y: 'row', stroke: ink, inset: 5, className: 'interval-end' }),
          Plot.tickX(ranged, { x: 'high', y: 'row', stroke: ink, inset: 5, className: 'interval-end' }),
        ]),
    Plot.text(mark.bars, behind),
  ];
}

/** Text to the right of the frame. */
const behind: PlotModule.TextOptions = {
  ...{ y: 'row', text: 'text', frameAnchor: 'right', textAnchor: 'start', dx: 5, className: 'value' },
};

function stack(Plot: Plot, { pieces, texts }: Stack, looks: readonly Look[]): Marks {
  return [
    ...looks.flatMap((look, series) => {
      const own = pieces.filter((piece) => piece.series === series);
      const fill = { fill: look.colour, fillOpacity: look.opacity, stroke: look.colour };
      return own.length === 0
        ? []
        : [Plot.barX(own, { x1: 'from', x2: 'to', y: 'row', ...fill, className: 'piece' })];
    }),
    Plot.text(texts, behind),
  ];
}

function dots(Plot: Plot, mark: Dots, looks: readonly Look[], frame: Frame): Marks {
  const marks = looks.flatMap((look, series) => {
    const own = mark.dots.filter((dot) => dot.series === series);
    if (own.length === 0) return [];
    const wide = own.filter(({ xLow, xHigh }) => xLow !== null && xHigh !== null);
    const high = own.filter(({ yLow, yHigh }) => yLow !== null && yHigh !== null);
    // On an axis of names the series of a name stand side by side.
    const dx = typeof own[0]!.x === 'string' ? (series - (looks.length - 1) / 2) * 8 : 0;
    const stroke = { stroke: look.colour, strokeOpacity: 0.55, dx };
    return [
      ...(wide.length === 0
        ? []
        : [Plot.ruleY(wide, { x1: 'xLow', x2: 'xHigh', y: 'y', className: 'x-interval', ...stroke })]),
      ...(high.length === 0
        ? []
        : [Plot.ruleX(high, { y1: 'yLow', y2: 'yHigh', x: 'x', className: 'y-interval', ...stroke })]),
      Plot.dot(own, {
        ...{ x: 'x', y: 'y', r: 4.5, dx, className: 'dot' },
        ...{ symbol: look.symbol, fill: look.colour, stroke: paper },
      }),
    ];
  });
  return [...marks, ...labels(Plot, mark, frame)];
}

/** Labels beside dots, and thin lines to those that found no place near by. */
function labels(Plot: Plot, { dots }: Dots, frame: Frame): Marks {
  const named = dots.filter(({ label }) => label !== '');
  const anchors = named.map(({ x, y, label }) => ({ x: frame.x(x), y: frame.y(y), label }));
  return placeLabels(anchors, frame).flatMap(({ dx, dy, isFar }, i) => {
    const { x, y, label } = anchors[i]!;
    const leader: PlotModule.RenderFunction = (_index, _scales, _values, _dimensions, { document }) => {
      const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
      const ends = { x1: x, y1: y, x2: x + dx * 0.8, y2: y + dy * 0.8, stroke: muted, class: 'leader' };
      for (const [name, value] of Object.entries(ends)) line.setAttribute(name, String(value));
      return line;
    };
    const text = { x: 'x', y: 'y', text: () => label, dx, dy, ...halo, className: 'label' };
    return [...(isFar ? [leader] : []), Plot.text([named[i]!], text as PlotModule.TextOptions)];
  });
}

function line(Plot: Plot, { points, hasDots, label }: Line, look: Look): Marks {
  const banded = points.some(({ low, high }) => low !== null && high !== null);
  const last = points.findLast(({ y }) => y !== null);
  const at = (value: 'y' | 'low' | 'high') => (point: Line['points'][number]) => point[value] ?? Number.NaN;
  return [
    ...(banded
      ? [
          Plot.areaY(points, {
            ...{
              x: 'x',
              y1: at('low'),
              y2: at('high'),
              fill: look.colour,
              fillOpacity: 0.15,
              className: 'band',
            },
          }),
        ]
      : []),
    Plot.lineY(points, {
      x: 'x',
      y: at('y'),
      stroke: look.colour,
      strokeWidth: 1.5,
      strokeDasharray: look.dash,
    }),
    ...(hasDots
      ? [
          Plot.dot(
            points.filter(({ y }) => y !== null),
            {
              x: 'x',
              y: 'y',
              r: 3.5,
              className: 'dot',
              symbol: look.symbol,
              fill: look.colour,
              stroke: paper,
            },
          ),
        ]
      : []),
    ...(label === '' || last === undefined
      ? []
      : [
          Plot.text([last], {
            ...{ x: 'x', y: 'y', text: () => label, textAnchor: 'start', dx: 6, ...halo, className: 'label' },
          }),
        ]),
  ];
}

/** Colours by opacity, which work on any background. */
function cells(Plot: Plot, { cells, low, high }: Cells): Marks {
  const span = high - low || 1;
  const known = cells.filter(({ value }) => value !== null);
  const opacity = ({ value }: Cells['cells'][number]): number =>
    heatOpacity((Math.min(high, Math.max(low, value!)) - low) / span);
  const named = (axis: 'x' | 'y'): boolean => typeof cells[0]?.[axis] === 'string';
  const style = { fill: heat, fillOpacity: opacity, className: 'cell', shapeRendering: 'crispEdges' };
  const edge = (axis: 'x' | 'y', by: number) => (cell: Cells['cells'][number]) => (cell[axis] as number) + by;
  const mark =
    named('x') && named('y')
      ? Plot.cell(known, { x: 'x', y: 'y', inset: 0.5, ...style })
      : named('y')
        ? Plot.barX(known, { x1: edge('x', -0.5), x2: edge('x', 0.5), y: 'y', inset: 0, ...style })
        : Plot.rect(known, {
            ...{ x1: edge('x', -0.5), x2: edge('x', 0.5), y1: edge('y', -0.5), y2: edge('y', 0.5), ...style },
          });
  const texts = cells.filter(({ text }) => text !== '');
  return [
    mark,
    ...(texts.length === 0
      ? []
      : [Plot.text(texts, { x: 'x', y: 'y', text: 'text', fill: ink, className: 'value' })]),
  ];
}

/** From nearly nothing to what text in ink still can be read on. */
export function heatOpacity(share: number): number {
  return 0.05 + 0.6 * share;
}

function published(Plot: Plot, { axis, value, row, label }: Published): Marks {
  const stroke = { stroke: ink, strokeWidth: 1.8, strokeDasharray: '3 2', className: 'published' };
  if (row !== undefined) {
    const at = [{ value, row }];
    return axis === 'x'
      ? [Plot.tickX(at, { x: 'value', y: 'row', ...stroke })]
      : [Plot.tickY(at, { y: 'value', x: 'row', ...stroke })];
  }
  return across(Plot, { axis, value, label }, 'published', stroke);
}

function rule(Plot: Plot, mark: Rule): Marks {
  const stroke = { stroke: muted, strokeWidth: 1.5, strokeDasharray: '1 3', className: 'rule' };
  return across(Plot, mark, 'rule', stroke);
}

/** A line through the whole panel; its words stand at the upper edge. */
function across(
  Plot: Plot,
  { axis, value, label }: Pick<Rule, 'axis' | 'value' | 'label'>,
  name: string,
  stroke: PlotModule.RuleXOptions & PlotModule.RuleYOptions,
): Marks {
  const text = { text: () => label, ...halo, className: `${name}-label`, textAnchor: 'start' } as const;
  if (axis === 'x') {
    const place = { x: (at: number) => at, frameAnchor: 'top', dx: 4, dy: 8 } as const;
    return [Plot.ruleX([value], stroke), Plot.text([value], { ...text, ...place })];
  }
  // Above the frame: inside, marks are wherever the line is.
  const place = { frameAnchor: 'top-right', textAnchor: 'end', dy: -16 } as const;
  return [Plot.ruleY([value], stroke), Plot.text([value], { ...text, ...place })];
}
