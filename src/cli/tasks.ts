import { UsageError } from '../errors.js';
import { renderings } from '../tasks/messages.js';
import { defineCommand } from './command.js';
import { cliDataSource, dataFlag } from './data-flag.js';
import { checkWhole } from './plan-flags.js';

export const command = defineCommand({
  command: 'tasks <action> [name]',
  describe: 'List the benchmarks, or show the exact prompt of any sample, without a model',
  builder: (yargs) =>
    dataFlag(yargs)
      .positional('action', {
        choices: ['list', 'show'] as const,
        demandOption: true,
        describe: 'What to do',
      })
      .positional('name', {
        type: 'string',
        describe:
          'For show: gsm8k, mmlu/abstract_algebra, humaneval_instruct; "repro tasks list" has them all',
      })
      .option('index', {
        type: 'number',
        requiresArg: true,
        default: 0,
        describe: 'Which sample, from 0, in the order of the data',
      })
      .option('profile', {
        type: 'string',
        requiresArg: true,
        defaultDescription: 'lm-eval',
        describe: 'Protocol: lm-eval, opencompass, opencompass-llada, mini',
      })
      .option('shots', { type: 'number', requiresArg: true, describe: 'Examples; default: as the task says' })
      .option('seed', {
        type: 'number',
        requiresArg: true,
        describe: 'Of drawn examples; default: as the task says',
      })
      .option('render', {
        choices: renderings,
        requiresArg: true,
        describe: 'Without a chat template, or with examples as turns or in one turn',
      })
      .option('template', {
        type: 'string',
        requiresArg: true,
        describe: "Chat template: llada, chatml, or a model's id or folder (then tokens are shown, too)",
      })
      .option('hash', {
        type: 'boolean',
        default: false,
        describe: 'Print only the SHA-256 of the prompt (UTF-8)',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
      .example('repro tasks show gsm8k --index 3 --data ~/data', 'a prompt with its examples, as text')
      .example(
        'repro tasks show mmlu/anatomy --template llada --hash',
        "the digest of the prompt in LLaDA's chat",
      ),
  handler: async ({ action, name, data, ...choice }) => {
    const { listedTasks, shownTask } = await import('./tasks-facts.js');
    const { renderShown, renderTaskList } = await import('./tasks-text.js');
    const print = (text: string) => process.stdout.write(`${text}\n`);
    if (action === 'list') {
      if (name !== undefined)
        throw new UsageError('FLAG', 'repro tasks list takes no name; did you mean "show"?');
      const tasks = listedTasks();
      print(choice.json ? JSON.stringify({ tasks }, null, 2) : renderTaskList(tasks));
      return;
    }
    if (name === undefined) {
      throw new UsageError('FLAG', 'repro tasks show needs a name; "repro tasks list" has them all.');
    }
    checkWhole('--index', choice.index, 0);
    checkWhole('--shots', choice.shots, 0);
    checkWhole('--seed', choice.seed, 0);
    const shown = await shownTask(name, { ...choice, source: cliDataSource(data) });
    for (const notice of shown.notices) process.stderr.write(`repro: ${notice}\n`);
    if (choice.json) print(JSON.stringify(shown, null, 2));
    else print(choice.hash ? shown.sha256 : renderShown(shown, process.stdout));
  },
});
