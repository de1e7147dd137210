import { UsageError } from '../errors.js';
import type { Manifest } from './manifest.js';

/**
 * Refuses the folder of a figure, or of a table that is measured as one, which has data of its own and no samples.
 *
 * @throws UsageError `RUN_FIGURE`
 */
export function refuseFigure({ config, experiment, state }: Manifest, dir: string): void {
  if (!('figure' in config)) return;
  const isDrawn = experiment !== 'table8';
  const drawing = isDrawn ? `, and "repro report ${dir} --figures DIR" draws them` : '';
  const files = state === 'finished' ? `its data are the CSV files there${drawing}` : 'it was not finished';
  throw new UsageError(
    'RUN_FIGURE',
    `${dir} is a folder of ${experiment}, not of an experiment with methods: ${files}; name another run.`,
  );
}
