import type { Argv } from 'yargs';
import type { DataSource } from '../tasks/data/source.js';

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
export async function cliDataSource(flag: string | undefined): Promise<DataSource> {
  const { dataSource } = await import('../tasks/data/source.js');
  return dataSource(flag, process.env);
}
