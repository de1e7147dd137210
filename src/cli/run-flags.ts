import type { Argv } from 'yargs';
import { UsageError } from '../errors.js';
import { deviceFlag } from './device-flag.js';
import { pythonFlag } from './python-flag.js';

/** The flags of every command that runs a plan, beside those that shape the plan. */
export function runFlags<T>(yargs: Argv<T>) {
  return pythonFlag(deviceFlag(yargs))
    .option('threads', {
      type: 'number',
      requiresArg: true,
      describe: 'Threads of one operator; default: measured where speed is, else by the size of the model',
    })
    .option('workers', {
      type: 'number',
      requiresArg: true,
      describe:
        'Samples decoded beside each other (default 1, with --no-timing all cores); repeats run alone',
    })
    .option('timing', {
      type: 'boolean',
      default: true,
      describe: 'Measure speed; --no-timing leaves the timing columns empty',
    })
    .option('time-budget', {
      type: 'string',
      requiresArg: true,
      describe:
        'Time for repeats until speeds are precise: 90s, 10m, 1h, 0; default: see the experiment file',
    })
    .option('shard', {
      type: 'string',
      requiresArg: true,
      describe: 'Only part k of n of the samples: k/n; repro merge joins the parts',
    })
    .option('traces', {
      type: 'number',
      requiresArg: true,
      default: 0,
      describe: 'Keep the traces of the first N samples of each cell: every step, for repro report --html',
    })
    .option('savings', {
      type: 'string',
      requiresArg: true,
      describe:
        'Work that passes leave out without a change to any token: all, none or a list (docs/savings.md); default: all',
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
    });
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Seconds of `90`, `90s`, `10m`, `1h30m`. @throws UsageError `FLAG` */
export function parseDuration(text: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)([smh]?)/g)];
  const whole = parts.map(([part]) => part).join('');
  if (parts.length === 0 || whole !== text.trim()) {
    throw new UsageError(
      'FLAG',
      `--time-budget is ${text}, but it must be a time such as 90s, 10m, 1h30m or 0.`,
    );
  }
  return parts.reduce((seconds, [, number, unit]) => seconds + Number(number) * unitSeconds[unit || 's']!, 0);
}
