import { UsageError } from '../errors.js';
import { defineCommand } from './command.js';
import { checkWhole } from './plan-flags.js';

export const command = defineCommand({
  command: 'models <action> [names..]',
  describe: 'List the models, pull them from the hub, check a folder, or write one with random weights',
  builder: (yargs) =>
    yargs
      .positional('action', {
        choices: ['list', 'pull', 'check', 'random'] as const,
        demandOption: true,
        describe: 'What to do',
      })
      .positional('names', {
        type: 'string',
        array: true,
        default: [] as string[],
        defaultDescription: 'none (list: all)',
        describe: 'Hub ids (pull), ids or folders (check), one new folder (random)',
      })
      .option('revision', {
        type: 'string',
        requiresArg: true,
        default: 'main',
        describe: 'For pull and check: branch, tag or commit on the hub',
      })
      .option('like', {
        type: 'string',
        requiresArg: true,
        choices: ['llada-8b', 'llada-1.5', 'dream-7b'] as const,
        describe: 'For random: whose config, tensor names, shapes and shards',
      })
      .option('layers', {
        type: 'number',
        requiresArg: true,
        describe: 'For random: layers, where all would be too many',
      })
      .option('vocab', {
        type: 'number',
        requiresArg: true,
        describe: 'For random: width of embedding and head',
      })
      .option('dtype', {
        type: 'string',
        requiresArg: true,
        choices: ['bf16', 'fp16', 'fp32'] as const,
        default: 'bf16' as const,
        describe: 'For random: type of the weights',
      })
      .option('seed', {
        type: 'string',
        requiresArg: true,
        default: '1234',
        describe: 'For random: equal seeds give equal bytes',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
      .example(
        'repro models pull GSAI-ML/LLaDA-8B-Instruct',
        'into the cache that Python shares; goes on after a break',
      )
      .example('repro models check GSAI-ML/LLaDA-8B-Instruct', 'exit code 1 if it cannot be run')
      .example(
        'repro models random --like llada-8b --layers 2 two-layers',
        'to try sizes without the weights',
      ),
  handler: async ({ action, names, revision, like, layers, vocab, dtype, seed, json }) => {
    const text = await import('./models-text.js');
    const print = (value: unknown, rendered: string) =>
      process.stdout.write(`${json ? JSON.stringify(value, null, 2) : rendered}\n`);
    switch (action) {
      case 'list': {
        const { listedCaches, listedModels } = await import('./models-facts.js');
        const models = listedModels();
        const caches = await listedCaches();
        print({ models, caches }, text.renderModels(models) + text.renderCaches(caches));
        return 0;
      }
      case 'pull': {
        const { pulledModels } = await import('./models-pull.js');
        const models = await pulledModels(atLeastOne(names, 'pull', 'a hub id'), revision);
        print({ models }, text.renderPulled(models));
        return models.every(({ isSound }) => isSound) ? 0 : 1;
      }
      case 'check': {
        const { checkedModels } = await import('./models-facts.js');
        const models = await checkedModels(atLeastOne(names, 'check', 'an id or a folder'), revision);
        print({ models }, text.renderChecked(models, process.stdout));
        return models.every(({ isSound }) => isSound) ? 0 : 1;
      }
      case 'random': {
        checkWhole('--layers', layers);
        checkWhole('--vocab', vocab);
        const [dir, ...more] = atLeastOne(names, 'random', 'a new folder');
        if (like === undefined) {
          throw new UsageError('FLAG', 'repro models random needs --like: llada-8b, llada-1.5 or dream-7b.');
        }
        if (more.length > 0) throw new UsageError('FLAG', 'repro models random writes one folder; name one.');
        const { writtenRandom } = await import('./models-random.js');
        const written = await writtenRandom(dir, { like, layers, vocab, dtype, seed });
        print(written, text.renderRandom(written));
        return 0;
      }
    }
  },
});

function atLeastOne(names: readonly string[], action: string, what: string): readonly [string, ...string[]] {
  const [first, ...others] = names;
  if (first !== undefined) return [first, ...others];
  throw new UsageError('FLAG', `repro models ${action} needs ${what}; repro models --help shows examples.`);
}
