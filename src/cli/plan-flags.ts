import type { Argv } from 'yargs';
import type { ExperimentPlan } from '../config/experiment-plan.js';
import { listModels } from '../config/model.js';
import { parseOverride } from '../config/overrides.js';
import { planExperiment } from '../config/plan-experiment.js';
import type { DeviceChoice } from '../engine/device.js';
import { UsageError } from '../errors.js';
import { cliDataSource, dataFlag } from './data-flag.js';
import { modelInPrecision, type Precision, precisionFlag, refuseHalf } from './precision-flag.js';

/** The flags that say what runs; `addPlanFlags` adds them and `planFromFlags` reads them. */
export interface PlanFlags {
  readonly model: string | undefined;
  readonly limit: number | undefined;
  readonly quick: boolean;
  readonly methods: string | undefined;
  readonly benchmarks: string | undefined;
  readonly set: string[];
  readonly data: string | undefined;
  readonly precision?: Precision;
}

/** @param modelDefault What runs without `--model`, in words. */
export function addPlanFlags<T>(yargs: Argv<T>, modelDefault = 'that of the file'): Argv<T & PlanFlags> {
  return precisionFlag(dataFlag(yargs))
    .option('model', {
      type: 'string',
      requiresArg: true,
      describe: `Id or folder; default: ${modelDefault}`,
    })
    .option('limit', {
      type: 'number',
      requiresArg: true,
      describe: 'Samples per benchmark, the first ones of a seeded order; default: that of the file',
    })
    .option('quick', {
      type: 'boolean',
      default: false,
      describe: 'Only as many samples as the file says for a quick look',
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
    });
}

/**
 * What an experiment file and the flags ask for.
 *
 * @param idOrPath Id of an experiment or sweep of the package, or a file.
 * @param half Compute in half precision.
 * @throws UsageError as `planExperiment`, and `FLAG` for flags that contradict each other.
 */
export function planFromFlags(idOrPath: string, flags: PlanFlags, half = false): ExperimentPlan {
  const { model, limit, quick, methods, benchmarks, set, data } = flags;
  checkWhole('--limit', limit);
  if (quick && limit !== undefined) {
    throw new UsageError('FLAG', '--quick and --limit contradict each other; leave one of them out.');
  }
  return planExperiment(idOrPath, {
    ...{ quick, half },
    ...(model === undefined ? {} : { model }),
    ...(limit === undefined ? {} : { limit }),
    ...(methods === undefined ? {} : { methods: commaList(methods) }),
    ...(benchmarks === undefined ? {} : { benchmarks: commaList(benchmarks) }),
    overrides: set.map(parseOverride),
    data: cliDataSource(data),
  });
}

/**
 * The same, with the model in the precision that the flag names: it is converted first where it was not yet.
 *
 * @throws UsageError as `planFromFlags`, and where models or devices do not take the precision
 */
export async function precisePlan(
  idOrPath: string,
  flags: PlanFlags & { readonly device?: DeviceChoice },
): Promise<ExperimentPlan> {
  const { precision = 'fp32', device } = flags;
  if (precision === 'fp16') {
    await refuseHalf(device);
    return planFromFlags(idOrPath, flags, true);
  }
  const plan = planFromFlags(idOrPath, flags);
  if (precision === 'fp32') return plan;
  const models = new Set(plan.points.map(({ experiment }) => experiment.model.dir));
  const [dir] = models;
  if (models.size > 1) {
    throw new UsageError(
      'FLAG',
      '--precision takes one model, and this sweep has several; name one by --model.',
    );
  }
  const named = flags.model ?? plan.points[0].experiment.model.id;
  const known = listModels().includes(named) ? named : dir!;
  return planFromFlags(idOrPath, { ...flags, model: await modelInPrecision(known, precision, device) });
}

/** @throws UsageError `FLAG` for a number that is not whole or below `least`. */
export function checkWhole(flag: string, value: number | undefined, least = 1): void {
  if (value === undefined || (Number.isInteger(value) && value >= least)) return;
  throw new UsageError('FLAG', `${flag} is ${value}, but it must be a whole number of at least ${least}.`);
}

/** `a, b` as its parts. */
export function commaList(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
