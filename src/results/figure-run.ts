import { UsageError } from '../errors.js';
import type { Manifest } from './manifest.js';

/**
 * Refuses the folder of a figure, which has data of its own and no samples.
 *
 * @throws UsageError `RUN_FIGURE`
 */
export function refuseFigure({ config, experiment, state }: Manifest, dir: string): void {
  if (!('figure' in config)) return;
  const files =
    state === 'finished'
      ? `its data are the CSV files there, and "repro report ${dir} --figures DIR" draws them`
      : 'it was not finished';
  throw new UsageError(
    'RUN_FIGURE',
    `${dir} is of the figure ${experiment}, not of an experiment with methods: ${files}; name another run.`,
  );
}
