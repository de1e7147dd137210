import type { Argv } from 'yargs';
import { dataFlag } from './data-flag.js';
import { deviceFlag } from './device-flag.js';

/** The flags of commands that decode an experiment's samples for a study of their own. */
export function sampleFlags<T>(yargs: Argv<T>) {
  return dataFlag(yargs)
    .option('model', { type: 'string', requiresArg: true, describe: 'Id or folder; default: reference' })
    .option('limit', {
      type: 'number',
      requiresArg: true,
      describe: 'Samples per benchmark, the first ones of a seeded order; default: that of the file',
    })
    .option('benchmarks', { type: 'string', requiresArg: true, describe: 'Only these, by id: x,y' })
    .option('threads', {
      type: 'number',
      requiresArg: true,
      describe: 'Threads of one operator; default: by the size of the model',
    })
    .option('set', {
      type: 'array',
      string: true,
      requiresArg: true,
      default: [] as string[],
      defaultDescription: 'none',
      describe: 'Override a setting: generation.genLength=64',
    })
    .option('out', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder of the run; default: results/runs/<name>',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' });
}

/** Those of studies of several methods, on any device. */
export function studyFlags<T>(yargs: Argv<T>) {
  return sampleFlags(deviceFlag(yargs))
    .option('quick', { type: 'boolean', default: false, describe: 'One sample only, for a first look' })
    .option('methods', {
      type: 'string',
      requiresArg: true,
      describe: 'Only these, by id: a,b; repro explain lists all',
    });
}
