import { UsageError } from '../errors.js';
import { defineCommand } from './command.js';
import { cliDataSource, dataFlag } from './data-flag.js';

export const command = defineCommand({
  command: 'data <action> [sets..]',
  describe: 'List the data sets, pull them from the hub, or check what is there',
  builder: (yargs) =>
    dataFlag(yargs)
      .positional('action', {
        choices: ['list', 'pull', 'check'] as const,
        demandOption: true,
        describe: 'What to do',
      })
      .positional('sets', {
        type: 'string',
        array: true,
        default: [] as string[],
        defaultDescription: 'all (pull: those that are not gated)',
        describe: 'gsm8k, mmlu, arc, gpqa, math, humaneval',
      })
      .option('revision', {
        type: 'string',
        requiresArg: true,
        default: 'main',
        describe: 'For pull: branch, tag or commit on the hub',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
      .example(
        'repro data pull gsm8k mmlu',
        'into the cache that Python shares; HF_TOKEN, HF_HOME, HF_ENDPOINT count',
      )
      .example(
        'repro data check --data ~/data',
        'reads every record; exit code 1 if something is missing or broken',
      ),
  handler: async ({ action, sets, revision, data, json }) => {
    const facts = await import('./data-facts.js');
    const text = await import('./data-text.js');
    const print = (value: unknown, rendered: string) =>
      process.stdout.write(`${json ? JSON.stringify(value, null, 2) : rendered}\n`);
    if (action === 'pull') {
      if (data !== undefined) {
        throw new UsageError(
          'FLAG',
          'repro data pull fills the shared cache: leave --data out, or set HF_HOME to move it.',
        );
      }
      const pulled = await facts.pulledData(sets, revision);
      print({ pulled }, text.renderPulled(pulled));
      return pulled.some(({ splits }) => splits.some(({ state }) => state === 'broken')) ? 1 : 0;
    }
    const source = cliDataSource(data);
    if (action === 'list') {
      const listed = facts.listedData(sets, source);
      print({ sets: listed }, text.renderDataList(listed));
      return 0;
    }
    const checked = await facts.checkedData(sets, source);
    print({ sets: checked }, text.renderChecked(checked, process.stdout));
    return facts.isSound(checked, sets) ? 0 : 1;
  },
});
