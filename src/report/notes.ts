import { certainties, type PublishedFigure } from '../results/paper.js';
import type { MeasuredCell } from './measured.js';
import { certaintyMarks } from './show.js';
import { validityMarks } from './verdict.js';

/** How many samples stand behind the figures, and how uncertain accuracies are; nothing without intervals. */
export function samplesNote(cells: readonly MeasuredCell[]): string[] {
  const known = cells.filter(({ accuracyInterval }) => accuracyInterval !== null);
  if (known.length === 0) return [];
  const counts = known.map(({ samples }) => samples);
  const margins = known.map(({ accuracyInterval }) => (accuracyInterval!.high - accuracyInterval!.low) / 2);
  const points = (share: number): string => (100 * share).toFixed(1);
  return [
    `${span(Math.min(...counts), Math.max(...counts), String)} ${Math.max(...counts) === 1 ? 'sample' : 'samples'} a benchmark: accuracies are known to ` +
      `+-${span(Math.min(...margins), Math.max(...margins), points)} points (95 % intervals in summary.csv)`,
  ];
}

/** What the marks that these cells have mean. */
export function markNotes(cells: readonly MeasuredCell[], precision: number): string[] {
  const failed = cells.reduce((total, { errors }) => total + errors, 0);
  const has = (validity: MeasuredCell['validity']): boolean =>
    cells.some((cell) => cell.validity === validity && cell.speedup !== null);
  const width = Number((precision * 100).toPrecision(3));
  return [
    ...(failed > 0 ? [`! failed samples (${failed}) count as wrong; see samples.jsonl`] : []),
    ...(cells.some(({ tps, isTpsPrecise }) => tps !== null && !isTpsPrecise)
      ? [`~ speeds whose 95 % interval is wider than +-${width} %, or that have none`]
      : []),
    ...(has('unproven')
      ? [
          `${validityMarks.unproven} speed-ups not shown to be valid: with these samples the accuracy may be more ` +
            'than the margin below the baseline (see "verdict" in summary.csv)',
        ]
      : []),
    ...(has('invalid')
      ? [
          `${validityMarks.invalid} speed-ups that are not valid: the accuracy is lower, or answers are shorter, ` +
            'than the baseline (see "verdict" in summary.csv)',
        ]
      : []),
  ];
}

/** Said where an average has a mark that no interval or verdict of its own is behind. */
export function averageNote(averages: readonly MeasuredCell[]): string[] {
  const isMarked = ({ tps, isTpsPrecise, speedup, validity }: MeasuredCell): boolean =>
    (tps !== null && !isTpsPrecise) || (speedup !== null && validity !== undefined && validity !== 'valid');
  return averages.some(isMarked) ? ['the speed of an average is marked as its worst part is'] : [];
}

export const agreementNote =
  "agreement: positions equal to the baseline's output, up to the later end of text";

/** Whose the published figures are, what their marks mean, and where each kind is from. */
export function publishedNotes(model: string, figures: readonly PublishedFigure[]): string[] {
  const { stated, secondary, inferred, derived } = certaintyMarks;
  const legend =
    `paper: published figures${model === '' ? '' : ` for ${model}`} on other hardware; ${stated} stated in the ` +
    `paper, ${secondary} quoted by a secondary source, ${inferred} inferred, ${derived} derived from other ` +
    'figures; n/a not known';
  const sources = certainties.flatMap((kind) => {
    const own = figures.filter(({ certainty }) => certainty === kind).map(({ source }) => source);
    return own.length === 0 ? [] : [`${certaintyMarks[kind]} ${[...new Set(own)].join(', ')}`];
  });
  return [legend, ...(sources.length === 0 ? [] : [`sources: ${sources.join('; ')}`])];
}

/** What bold and underlined figures are. */
export function rankNote(what: string): string {
  return `best ${what} in bold, second best underlined`;
}

function span(low: number, high: number, format: (value: number) => string): string {
  return format(low) === format(high) ? format(low) : `${format(low)} to ${format(high)}`;
}
