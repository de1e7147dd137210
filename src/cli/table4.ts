import { UsageError } from '../errors.js';
import { listTasks } from '../tasks/library.js';
import { defineCommand } from './command.js';

export const command = defineCommand({
  command: 'table4',
  describe: "The paper's settings beside ours: lengths of the benchmarks, and what the methods take",
  builder: (yargs) =>
    yargs
      .option('profile', {
        type: 'string',
        requiresArg: true,
        default: 'lm-eval',
        describe: 'Task files for real checkpoints to show: lm-eval, opencompass, ...',
      })
      .option('format', {
        type: 'string',
        requiresArg: true,
        default: 'terminal' as const,
        choices: ['terminal', 'markdown', 'latex'] as const,
        describe: 'How to print it',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
      .example('repro table4', 'runs nothing')
      .example('repro table4 --profile opencompass --format markdown', 'with other task files, for a page'),
  handler: async ({ profile, format, json }) => {
    const profiles = [...new Set(listTasks().map((task) => task.profile))];
    if (!profiles.includes(profile)) {
      throw new UsageError(
        'FLAG',
        `--profile is ${profile}, but no task file has it; use one of ${profiles.join(', ')}.`,
      );
    }
    const { table4Facts } = await import('../report/table4-facts.js');
    const facts = await table4Facts(profile);
    if (json) {
      process.stdout.write(`${JSON.stringify(facts)}\n`);
      return;
    }
    const { table4Report } = await import('../report/table4.js');
    const report = table4Report(facts);
    if (format === 'terminal') {
      const { reportText } = await import('./report-text.js');
      process.stdout.write(reportText(report, process.stdout));
      return;
    }
    const { renderers } = await import('../report/renderers.js');
    process.stdout.write(renderers[format](report));
  },
});
