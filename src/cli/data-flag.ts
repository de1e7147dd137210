import type { Argv } from 'yargs';
import { hubRepo } from '../hub/repo.js';
import { hubSettings } from '../hub/settings.js';
import { pulledSnapshot } from '../hub/snapshot.js';
import { type DataSource, dataSource } from '../tasks/data/source.js';

/** `--data` of commands that read benchmarks. */
export function dataFlag<T>(yargs: Argv<T>) {
  return yargs.option('data', {
    type: 'string',
    requiresArg: true,
    describe:
      'Folder (or file) with the data sets; default: $REPRO_DATA_DIR, then what "repro data pull" fetched',
  });
}

/** Where the data sets of this command line are. @throws UsageError `DATA_MISSING` */
export function cliDataSource(flag: string | undefined): DataSource {
  return dataSource(flag, process.env, (repository) =>
    pulledSnapshot(hubSettings().cacheFolder, hubRepo('dataset', repository)),
  );
}
