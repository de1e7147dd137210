import { join } from 'node:path';
import { loadExperiment } from '../config/experiment.js';
import type { SettingsId } from '../config/method.js';
import { parseOverride } from '../config/overrides.js';
import { type ResolvedExperiment, resolveExperiment } from '../config/resolve-experiment.js';
import { UsageError } from '../errors.js';
import type { RunResult } from '../experiments/run.js';
import { packageRoot } from '../paths.js';
import { type CliCommand, defineCommand } from './command.js';
import { withInterrupt } from './interrupt.js';
import { ProgressLine } from './progress.js';

/**
 * The command that runs an experiment of the package and prints it in the layout of the paper's Table 1.
 *
 * @param id Of the experiment, and the command's name.
 * @param reference What it runs on without `--model`.
 */
export function tableCommand(id: string, describe: string, reference: string): CliCommand {
  return defineCommand({
    command: id,
    describe,
    builder: (yargs) =>
      yargs
        .option('model', {
          type: 'string',
          requiresArg: true,
          describe: `Id or folder; default: ${reference}`,
        })
        .option('limit', {
          type: 'number',
          requiresArg: true,
          describe:
            'Samples per benchmark, the first ones of a seeded order; default: see configs/experiments',
        })
        .option('methods', {
          type: 'string',
          requiresArg: true,
          describe: 'Only these, by id: a,b@preset (the baseline always runs); repro explain lists all',
        })
        .option('benchmarks', { type: 'string', requiresArg: true, describe: 'Only these, by id: x,y' })
        .option('set', {
          type: 'array',
          string: true,
          requiresArg: true,
          default: [] as string[],
          defaultDescription: 'none',
          describe: 'Override a setting: generation.blockLength=16, methods.dynamic-dllm.cache.layerBudget=8',
        })
        .option('device', {
          type: 'string',
          requiresArg: true,
          default: 'cpu',
          choices: ['cpu'],
          describe: 'Device of the engine',
        })
        .option('threads', {
          type: 'number',
          requiresArg: true,
          describe: 'Threads of one operator; default: by the size of the model',
        })
        .option('out', {
          type: 'string',
          requiresArg: true,
          describe: 'Folder of the run; default: results/runs/<name>',
        })
        .option('resume', {
          type: 'string',
          describe: 'Go on with a run: its folder, or nothing for the newest unfinished one',
        })
        .option('json', {
          type: 'boolean',
          default: false,
          describe: 'Print the summary rows as one JSON object',
        })
        .example(`repro ${id}`, 'the whole table')
        .example(
          `repro ${id} --limit 100 --benchmarks gsm8k,math --out runs/long`,
          'more samples of two benchmarks',
        )
        .example(`repro ${id} --resume`, 'go on after an interruption'),
    handler: async (args) => {
      const { limit, threads, model } = args;
      positive('--limit', limit);
      positive('--threads', threads);
      const experiment = resolveExperiment(loadExperiment(id), {
        ...(model === undefined ? {} : { model }),
        ...(limit === undefined ? {} : { limit }),
        ...(args.methods === undefined ? {} : { methods: names(args.methods) }),
        ...(args.benchmarks === undefined ? {} : { benchmarks: names(args.benchmarks) }),
        overrides: args.set.map(parseOverride),
      });
      const { runExperiment } = await import('../experiments/run.js');
      const { monotonicClock } = await import('../measure/clock.js');
      const { systemWallClock } = await import('../measure/wall-clock.js');
      const progress = new ProgressLine(process.stderr, monotonicClock);
      const result = await withInterrupt((signal) =>
        runExperiment({
          experiment,
          device: 'cpu',
          threads,
          out: args.out,
          resume: args.resume === '' ? true : args.resume,
          command: process.argv.slice(2),
          clock: monotonicClock,
          now: systemWallClock,
          signal,
          onEvent: (event) => progress.show(event),
        }),
      ).finally(() => progress.end());
      if (args.json) printJson(result);
      else process.stdout.write(await tableText(experiment, result));
      process.stderr.write(closing(result));
      return result.complete ? 0 : 130;
    },
  });
}

/** Columns of the table where stdout is no terminal: what logs and editors show without wrapping. */
const plainWidth = 120;

function names(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function positive(flag: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value >= 1)) return;
  throw new UsageError('FLAG', `${flag} is ${value}, but it must be a whole number of at least 1.`);
}

function printJson({ files, complete, rows }: RunResult): void {
  process.stdout.write(`${JSON.stringify({ dir: files.dir, complete, rows })}\n`);
}

async function tableText(experiment: ResolvedExperiment, result: RunResult): Promise<string> {
  const { buildTable1 } = await import('../report/table1.js');
  const { renderTable1 } = await import('../report/terminal.js');
  const { readPaperRows } = await import('../results/paper.js');
  const samples = experiment.limit === null ? 'all samples' : `${experiment.limit} samples per benchmark`;
  const view = buildTable1({
    title: `${experiment.title} (${modelNote(experiment)}, ${experiment.profile} benchmarks, ${samples})`,
    groups: experiment.groups.map((group) => ({
      name: group.name,
      methods: group.methods.map((id) => ({ id, name: experiment.methods[id]!.name })),
    })),
    benchmarks: result.benchmarks.map(({ id, task }) => ({ id, title: task.title })),
    average: experiment.average,
    baseline: experiment.baseline,
    summary: result.rows,
    paper: experiment.paper === undefined ? [] : await readPaperRows(join(packageRoot, experiment.paper)),
  });
  return renderTable1(view, process.stdout.isTTY ? process.stdout.columns : plainWidth);
}

/** Whose figures these are; and whose settings, where they are not the model's own. */
function modelNote({ model, settings }: ResolvedExperiment): string {
  const who = model.titleNote ?? model.name;
  return settings === model.settings ? who : `${who} with the settings for ${settingsNames[settings]}`;
}

const settingsNames: Readonly<Record<SettingsId, string>> = {
  llada: 'LLaDA-8B-Instruct',
  'llada-1.5': 'LLaDA-1.5',
  dream: 'Dream-v0-Instruct-7B',
};

function closing({ files, complete }: RunResult): string {
  const written = `repro: samples and summary are in ${files.dir}\n`;
  return complete
    ? written
    : `${written}repro: interrupted; type the same command with --resume ${files.dir} to go on\n`;
}
