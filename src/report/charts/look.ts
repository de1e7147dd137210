import type { Series } from './chart.js';

/** Sizes of text in pixels. */
export const sizes = { title: 16, panel: 13, text: 11, note: 11 } as const;

/** Colours that a page may set; the fallbacks are for a picture that stands alone. */
const light = {
  ...{ ink: '#1b1b1f', paper: '#ffffff', muted: '#5f6368' },
  ...{ 'series-1': '#0072b2', 'series-2': '#c04a00', 'series-3': '#00805c', 'series-4': '#a8478a' },
  ...{ 'series-5': '#8a6d00', 'series-6': '#3a86c8', 'series-7': '#6b4fa0', 'series-8': '#7a3b2e' },
} as const;
const dark: Record<keyof typeof light, string> = {
  ...{ ink: '#e8e8ea', paper: '#16171a', muted: '#a0a4aa' },
  ...{ 'series-1': '#5ab4ec', 'series-2': '#ff9b57', 'series-3': '#43c79b', 'series-4': '#e693cc' },
  ...{ 'series-5': '#e0be4c', 'series-6': '#9ccbf0', 'series-7': '#b7a0ea', 'series-8': '#d99a8b' },
};

const variables = (colours: Readonly<Record<string, string>>): string =>
  Object.entries(colours)
    .map(([name, colour]) => `--c-${name}:var(--${name},${colour})`)
    .join(';');

/**
 * The style of every picture. Colours are the page's where it sets `--ink`, `--paper`, `--muted` and `--series-1` to
 * `--series-8`; else they follow the reader's preference for light or dark.
 */
export const style = [
  `.repro-chart{${variables(light)};font-family:var(--font,system-ui,'DejaVu Sans',sans-serif);color:var(--c-ink)}`,
  `@media (prefers-color-scheme:dark){.repro-chart{${variables(dark)}}}`,
  '.repro-chart text{white-space:pre;fill:currentColor}',
  '.repro-chart .muted{color:var(--c-muted)}',
].join('');

export const ink = 'var(--c-ink)';
export const paper = 'var(--c-paper)';
export const muted = 'var(--c-muted)';
export const heat = 'var(--c-series-1)';

const symbols = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross'] as const;
const dashes = ['none', '6 3', '2 2', '8 3 2 3', '1 3', '10 4'] as const;

/** How the marks of a series look. Colour never tells alone: 7 symbols and 8 colours make 56 looks. */
export interface Look {
  readonly colour: string;
  readonly symbol: (typeof symbols)[number];
  readonly dash: (typeof dashes)[number];
  /** Of a bar, whose stroke is full. */
  readonly opacity: number;
}

export function looksOf(series: readonly Series[]): Look[] {
  let coloured = 0;
  return series.map(({ isBaseline }, i) => ({
    colour: isBaseline ? muted : `var(--c-series-${(coloured++ % 8) + 1})`,
    symbol: symbols[i % symbols.length]!,
    dash: dashes[i % dashes.length]!,
    opacity: [0.85, 0.35, 0.6, 0.15][i % 4]!,
  }));
}
