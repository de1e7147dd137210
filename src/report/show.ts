import type { Certainty, PublishedFigure } from '../results/paper.js';
import type { MeasuredCell } from './measured.js';
import { validityMarks } from './verdict.js';

/** What stands for a figure that was not measured, and for one that is not known to be published. */
export const missing = '-';
export const unknown = 'n/a';

/** Letters behind published figures. */
export const certaintyMarks: Readonly<Record<Certainty, string>> = {
  stated: 's',
  secondary: 'q',
  inferred: 'i',
  derived: 'd',
};

/** Decimals of figures; those of published ones are the publication's. */
const decimals = { accuracy: 1, tps: 1, speedup: 2, passes: 1, published: 2 } as const;

/** The number that `accuracyText` shows: figures that look the same rank the same. */
export function shownAccuracy({ accuracy }: MeasuredCell): number | null {
  return accuracy === null ? null : Number((accuracy * 100).toFixed(decimals.accuracy));
}

/** Per cent; `!` = some samples failed. */
export function accuracyText({ accuracy, errors }: MeasuredCell): string {
  return `${percent(accuracy, decimals.accuracy)}${errors > 0 ? '!' : ''}`;
}

/** ` [30.1, 95.4]` in per cent, or nothing. */
export function accuracyIntervalText({ accuracyInterval }: MeasuredCell): string {
  if (accuracyInterval === null) return '';
  const { low, high } = accuracyInterval;
  return ` [${percent(low, decimals.accuracy)}, ${percent(high, decimals.accuracy)}]`;
}

export function shownTps({ tps }: MeasuredCell): number | null {
  return tps === null ? null : Number(tps.toFixed(decimals.tps));
}

/** `~` = not known as precisely as the run was to measure it. */
export function tpsText({ tps, isTpsPrecise }: MeasuredCell): string {
  if (tps === null) return missing;
  return `${isTpsPrecise ? '' : '~'}${tps.toFixed(decimals.tps)}`;
}

/** ` [98.1, 103.2]`, or nothing. */
export function tpsIntervalText({ tps, tpsInterval }: MeasuredCell): string {
  if (tps === null || tpsInterval === null) return '';
  const { low, high } = tpsInterval;
  return ` [${low.toFixed(decimals.tps)}, ${high.toFixed(decimals.tps)}]`;
}

/** `2.00x`, and behind a blank the mark of one that is not valid, or not shown to be; undefined for none. */
export function speedupText({ speedup, validity }: MeasuredCell): string | undefined {
  if (speedup === null) return undefined;
  const mark = validity === undefined ? '' : validityMarks[validity];
  return `${speedup.toFixed(decimals.speedup)}x${mark === '' ? '' : ` ${mark}`}`;
}

export function passesText(passes: number | null): string {
  return passes === null ? missing : passes.toFixed(decimals.passes);
}

export function agreementText({ agreement }: MeasuredCell): string {
  return percent(agreement, 1);
}

/** @param scale 100 for shares. */
export function publishedText(figure: PublishedFigure | undefined, scale: number, unit = ''): string {
  return figure === undefined
    ? unknown
    : `${shownPublished(figure, scale).toFixed(decimals.published)}${unit}`;
}

export function shownPublished({ value }: PublishedFigure, scale: number): number {
  return Number((value * scale).toFixed(decimals.published));
}

/** ` s`, ` q`, ... behind a published figure; nothing if there is none. */
export function certaintyText(figure: PublishedFigure | undefined): string {
  return figure === undefined ? '' : ` ${certaintyMarks[figure.certainty]}`;
}

/** A share in per cent, without the sign. */
function percent(share: number | null, digits: number): string {
  return share === null ? missing : (share * 100).toFixed(digits);
}
