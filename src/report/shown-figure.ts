import type { ShownFigure } from '../config/experiment-schema.js';
import type { PublishedFigures } from '../results/paper.js';
import type { MeasuredCell } from './measured.js';
import type { Rank } from './rank.js';
import { type Line, lineText } from './report.js';
import {
  accuracyIntervalText,
  accuracyText,
  agreementText,
  certaintyText,
  missing,
  passesText,
  publishedText,
  shownAccuracy,
  shownTps,
  speedupText,
  tpsIntervalText,
  tpsText,
} from './show.js';

/** What grids call the figures. */
export const shownTitles: Readonly<Record<ShownFigure, string>> = {
  accuracy: 'accuracy %',
  tps: 'TPS',
  speedup: 'speed-up',
  nfe: "NFE (the paper's NIS)",
  row_nfe: 'row-NFE',
  agreement: 'agreement %',
};

/** A figure of ours with its interval, and with its rank. */
export function ourLine(figure: ShownFigure, cell: MeasuredCell, rank?: Rank): Line {
  switch (figure) {
    case 'accuracy':
      return [{ text: accuracyText(cell), rank }, accuracyIntervalText(cell)];
    case 'tps':
      return [{ text: tpsText(cell), rank }, tpsIntervalText(cell)];
    case 'speedup':
      return [{ text: speedupText(cell) ?? missing, rank }];
    case 'nfe':
      return [{ text: passesText(cell.nfe), rank }];
    case 'row_nfe':
      return [{ text: passesText(cell.rowNfe), rank }];
    case 'agreement':
      return [{ text: agreementText(cell), rank }];
  }
}

/** The same as plain text. */
export function ourFigure(figure: ShownFigure, cell: MeasuredCell): string {
  return lineText(ourLine(figure, cell));
}

/** The number that ranks a figure as it is shown, the larger the better; null for none. */
export function rankedBy(figure: ShownFigure, cell: MeasuredCell): number | null {
  const rounded = (value: number | null, digits: number): number | null =>
    value === null ? null : Number(value.toFixed(digits));
  switch (figure) {
    case 'accuracy':
      return shownAccuracy(cell);
    case 'tps':
      return shownTps(cell);
    case 'speedup':
      return rounded(cell.speedup, 2);
    case 'nfe':
      return cell.nfe === null ? null : -rounded(cell.nfe, 1)!;
    case 'row_nfe':
      return cell.rowNfe === null ? null : -rounded(cell.rowNfe, 1)!;
    case 'agreement':
      return rounded(cell.agreement, 3);
  }
}

/** Whether there is such a figure of the cell; speeds are missing where none was measured. */
export function isMeasured(figure: ShownFigure, cell: MeasuredCell): boolean {
  return rankedBy(figure, cell) !== null;
}

/** What is published of a figure; undefined for what no paper of these states. */
export function publishedKey(figure: ShownFigure): keyof PublishedFigures | undefined {
  return figure === 'row_nfe' || figure === 'agreement' ? undefined : figure;
}

/** A published figure with the letter of its certainty. */
export function paperLine(key: keyof PublishedFigures, published: PublishedFigures): Line {
  const figure = published[key];
  return [publishedText(figure, key === 'accuracy' ? 100 : 1), certaintyText(figure)];
}
