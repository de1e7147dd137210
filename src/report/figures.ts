import type { PublishedFigures } from '../results/paper.js';
import type { MeasuredCell } from './measured.js';
import type { Figure } from './report.js';

/** The remark on a speed that the run could not measure as precisely as it was to. */
export const imprecise = 'precision not reached';

/** What a cell's figures are about. */
export type FigureKey = Pick<Figure, 'group' | 'method' | 'name' | 'params' | 'column' | 'title'>;

/** All figures of one cell, ours beside the published ones. A cell that was not run has the published ones alone. */
export function figuresOf(
  key: FigureKey,
  cell: MeasuredCell | undefined,
  published: PublishedFigures = {},
): Figure[] {
  const make = (
    figure: Figure['figure'],
    unit: Figure['unit'],
    ours: number | null | undefined,
    interval: { readonly low: number; readonly high: number } | null | undefined,
    remarks: readonly (string | undefined)[] = [],
  ): Figure => {
    const other = figure in published ? published[figure as keyof PublishedFigures] : undefined;
    return {
      ...key,
      figure,
      unit,
      ours: ours ?? null,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      remark: remarks.filter((remark) => remark !== undefined && remark !== '').join('; '),
      published: other?.value ?? null,
      certainty: other?.certainty ?? '',
      source: other?.source ?? '',
    };
  };
  const { errors = 0, samples = 0 } = cell ?? {};
  const failed = errors > 0 ? `${errors} of ${samples} samples failed` : undefined;
  const precision = cell === undefined || cell.tps === null || cell.isTpsPrecise ? undefined : imprecise;
  return [
    make('accuracy', 'share', cell?.accuracy, cell?.accuracyInterval, [failed, cell?.accuracyVerdict]),
    make('tps', 'tokens/s', cell?.tps, cell?.tpsInterval, [precision]),
    make('speedup', 'x', cell?.speedup, cell?.speedupInterval, [cell?.speedupVerdict]),
    make('nfe', 'passes', cell?.nfe, null),
    make('row_nfe', 'passes', cell?.rowNfe, null),
    make('agreement', 'share', cell?.agreement, null),
  ];
}
