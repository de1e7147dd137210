import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../../errors.js';
import type { Snapshot } from '../../hub/snapshot.js';

/** Where data sets are looked for. */
export interface DataSource {
  /** A folder of the user's, or one file. */
  readonly path?: string | undefined;
  /** Who named it: `--data` must hold what is asked for, `REPRO_DATA_DIR` may. */
  readonly named?: '--data' | 'REPRO_DATA_DIR' | undefined;
  /** What `repro data pull` has fetched. */
  snapshot?(repository: string): Snapshot | undefined;
}

/**
 * The data source of a command line.
 *
 * @throws UsageError `DATA_MISSING` for a path that is not there
 */
export function dataSource(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  snapshot?: (repository: string) => Snapshot | undefined,
): DataSource {
  const cache = snapshot === undefined ? {} : { snapshot };
  if (flag !== undefined) {
    const path = resolve(flag);
    if (flag !== '' && existsSync(path)) return { path, named: '--data', ...cache };
    throw new UsageError('DATA_MISSING', `--data ${flag}: there is no such folder or file.`);
  }
  const named = environment.REPRO_DATA_DIR;
  if (named === undefined || named === '') return cache;
  const path = resolve(named);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    return { path, named: 'REPRO_DATA_DIR', ...cache };
  throw new UsageError(
    'DATA_MISSING',
    `REPRO_DATA_DIR is ${named}, and there is no such folder; correct it or unset it.`,
  );
}
