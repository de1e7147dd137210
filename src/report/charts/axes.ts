import type * as PlotModule from '@observablehq/plot';
import type { Axis, Panel } from './chart.js';
import { domainOf } from './domain.js';
import { muted, sizes } from './look.js';
import { widest } from './text.js';

/** Of a name's lines, in pixels. */
export const lineHeight = 13;

/** Axes with names of values and thin lines through the panel. */
export function axesOf(
  Plot: typeof PlotModule,
  { x, y, marks }: Panel,
  names: ReadonlyMap<string, readonly string[]> | undefined,
  size: { readonly width: number; readonly height: number },
): PlotModule.Markish[] {
  const line = { stroke: muted, strokeOpacity: 0.25 };
  const tick = { color: 'currentColor', tickSize: 4 };
  const label = { labelArrow: 'none', labelAnchor: 'center' } as const;
  const xTicks = x.kind === 'number' ? ticksOf(x, domainOf(x, marks, 'x'), size.width, 50) : undefined;
  const yTicks = y.kind === 'number' ? ticksOf(y, domainOf(y, marks, 'y'), size.height, 36) : undefined;
  const name = (value: string): string => names?.get(value)?.join('\n') ?? value;
  return [
    ...(x.kind === 'number'
      ? [
          Plot.gridX({ ...line, ticks: xTicks!.ticks }),
          Plot.axisX({ ...tick, ...label, label: x.label, ...xTicks }),
        ]
      : [
          Plot.axisX({
            ...{ ...tick, ...label, label: x.label, tickSize: 0 },
            ticks: thinned(x.names, size.width),
          }),
        ]),
    ...(y.kind === 'number'
      ? [
          Plot.gridY({ ...line, ticks: yTicks!.ticks }),
          Plot.axisY({ ...tick, label: y.label, labelArrow: 'none', ...yTicks }),
        ]
      : [
          Plot.axisY({
            ...{ ...tick, tickSize: 0, tickFormat: name, lineHeight: lineHeight / sizes.text },
            ...(y.label === ''
              ? { label: null }
              : { label: y.label, labelArrow: 'none', labelAnchor: 'top' }),
          }),
        ]),
  ];
}

/** As many names as have room side by side, evenly spaced, and always those that are no numbers. */
function thinned(names: readonly string[], width: number): string[] {
  const each = Math.max(1, Math.ceil((widest(names.filter(isNumber)) + 6) / (width / names.length)));
  return names.filter((name, i) => !isNumber(name) || i % each === 0);
}

function isNumber(name: string): boolean {
  return name !== '' && Number.isFinite(Number(name));
}

/** The values that an axis names: how many at most, of which Plot takes round ones, or the values themselves. */
function ticksOf(
  axis: Axis & { readonly kind: 'number' },
  domain: readonly [number, number],
  pixels: number,
  each: number,
): { readonly ticks: number | number[]; readonly tickFormat?: (value: number) => string } {
  const room = Math.max(2, Math.floor(pixels / each));
  if (axis.scale === 'log') return { ticks: logTicks(domain, room), tickFormat: shortNumber };
  if (!axis.whole) return { ticks: room };
  return { ticks: Math.max(1, Math.min(room, domain[1] - domain[0])) };
}

/** `0.01`, `1e-5`. */
function shortNumber(value: number): string {
  return value < 0.001 ? value.toExponential() : String(value);
}

/** 1, 2 and 5 times powers of ten; powers alone where these are too many. */
function logTicks([low, high]: readonly [number, number], room: number): number[] {
  const powers: number[] = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) powers.push(power);
  const all = powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  const inside = all.filter((value) => value >= low && value <= high);
  const tens = inside.filter((value) => Number.isInteger(Math.log10(value)));
  return inside.length > room && tens.length >= 2 ? tens : inside;
}
