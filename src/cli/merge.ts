import { counted } from '../counted.js';
import { UsageError } from '../errors.js';
import { defineCommand } from './command.js';

export const command = defineCommand({
  command: 'merge <dirs..>',
  describe: 'Join the shards of a run into one',
  builder: (yargs) =>
    yargs
      .positional('dirs', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Folders of all shards, in any order',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'Folder to make for the whole run; default: results/runs/<name>',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print the summary rows as one JSON object',
      })
      .example('repro table1 --shard 1/2 --out runs/a', 'one part, the other with 2/2 on another machine')
      .example('repro merge runs/a runs/b --out runs/whole', 'the run as if it had never been divided'),
  handler: async ({ dirs, out, json }) => {
    if (dirs.length < 2) throw new UsageError('FLAG', 'repro merge takes the folders of two shards or more.');
    const { mergeShards } = await import('../experiments/merge.js');
    const { systemWallClock } = await import('../measure/wall-clock.js');
    const { files, rows, warnings } = await mergeShards(dirs, out, process.argv.slice(2), systemWallClock);
    for (const warning of warnings) process.stderr.write(`repro: ${warning}\n`);
    if (json) process.stdout.write(`${JSON.stringify({ dir: files.dir, complete: true, rows })}\n`);
    else
      process.stdout.write(
        `${counted(rows.length, 'cell')} of ${counted(dirs.length, 'shard')} are in ${files.dir}\n`,
      );
  },
});
