import type { Chart, Panel, Stack } from './chart.js';

/** A pass divided into parts. */
export interface DividedPass {
  /** Names the bar: method and kind of pass. */
  readonly name: string;
  /** Milliseconds of each part, in the order in which they are drawn. */
  readonly parts: Readonly<Record<string, number>>;
}

/** Where the time of a pass goes: a bar a method and kind of pass, in milliseconds and as shares. */
export function partsChart(
  passes: readonly DividedPass[],
  facts: Pick<Chart, 'title' | 'subtitle' | 'notes'>,
): Chart {
  const names = [...new Set(passes.flatMap(({ parts }) => Object.keys(parts)))];
  const total = ({ parts }: DividedPass) => Object.values(parts).reduce((a, b) => a + b, 0);
  const panel = (
    title: string,
    unit: (pass: DividedPass) => number,
    text: (pass: DividedPass) => string,
  ): Panel => ({
    title,
    x: { kind: 'number', label: title, zero: true },
    y: { kind: 'names', label: '', names: passes.map(({ name }) => name) },
    marks: [
      {
        kind: 'stack',
        pieces: passes.flatMap((pass) => piecesOf(pass, names, unit(pass))),
        texts: passes.map((pass) => ({ row: pass.name, text: text(pass) })),
      },
    ],
  });
  return {
    ...{ id: 'bench', ...facts },
    series: names.map((name) => ({ name, ...(name === 'other' ? { isBaseline: true } : {}) })),
    panels: [
      panel(
        'milliseconds of a pass',
        () => 1,
        (pass) => total(pass).toPrecision(3),
      ),
      panel(
        '% of a pass',
        (pass) => 100 / total(pass),
        () => '',
      ),
    ],
    panelWidth: 400,
  };
}

function piecesOf({ name, parts }: DividedPass, names: readonly string[], scale: number): Stack['pieces'] {
  let from = 0;
  return names.map((part, series) => {
    const to = from + (parts[part] ?? 0) * scale;
    const piece = { row: name, series, from, to };
    from = to;
    return piece;
  });
}
