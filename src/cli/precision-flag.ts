import type { Argv } from 'yargs';
import { type ModelConfig, resolveModel } from '../config/model.js';
import type { DeviceChoice } from '../engine/device.js';
import { UsageError } from '../errors.js';
import { cacheFolder } from '../models/cache-folder.js';
import { type QuantisedPrecision, quantisedPrecisions } from '../models/precision/stored.js';

const precisions = ['fp32', 'fp16', ...quantisedPrecisions] as const;
export type Precision = (typeof precisions)[number];

/** `--precision` of every command that decodes. */
export function precisionFlag<T>(yargs: Argv<T>) {
  return yargs.option('precision', {
    type: 'string',
    requiresArg: true,
    default: 'fp32' as Precision,
    choices: precisions,
    describe:
      'Linear layers in fp32 (on a GPU, fp16 where that suits), in fp16 (GPU only), or converted once to int8 or int4 (processor only; docs/models.md)',
  });
}

/**
 * What `--model` is to name so that the precision holds: the model itself, or the folder of the converted one, which is
 * made if it is not there, with progress on stderr.
 *
 * @throws UsageError for a device that does not take it, or a model that is not there
 */
export async function modelInPrecision(
  model: string,
  precision: Precision,
  device: DeviceChoice = 'cpu',
): Promise<string> {
  if (precision === 'fp32') return model;
  if (precision === 'fp16') {
    await refuseHalf(device);
    return model;
  }
  if (device !== 'cpu') {
    throw new UsageError(
      'PRECISION_DEVICE',
      `--precision ${precision} runs on the processor only; use --device cpu, or leave --precision out.`,
    );
  }
  return convertedDir(resolveModel(model), precision);
}

/**
 * Refuses half precision on a device that does not compute in it; whether a GPU does is told when it is opened.
 *
 * @throws UsageError `PRECISION_DEVICE`, and as `chooseDevice`
 */
export async function refuseHalf(choice: DeviceChoice = 'cpu'): Promise<void> {
  const { chooseDevice } = await import('../engine/choose-device.js');
  const { device } = choice === 'auto' ? await chooseDevice(choice) : { device: choice };
  if (device === 'webgpu') return;
  const why = {
    cpu: 'the processor widens it to fp32, which gains nothing; use --device webgpu on a GPU',
    cuda: 'here CUDA computes in fp32; use --device webgpu',
  } as const;
  throw new UsageError(
    'PRECISION_DEVICE',
    `--precision fp16 is for WebGPU: ${why[device]}, or --precision int8 or int4 on the processor for less memory.`,
  );
}

async function convertedDir(model: ModelConfig, precision: QuantisedPrecision): Promise<string> {
  const { convertCheckpoint } = await import('../models/precision/convert.js');
  const { monotonicClock } = await import('../measure/clock.js');
  const { PullProgress } = await import('./pull-progress.js');
  const progress = new PullProgress(process.stderr, monotonicClock);
  const { id, name, settings, titleNote = null } = model;
  return progress.during(`${id} to ${precision}`, (signal) =>
    convertCheckpoint(model.dir, {
      ...{ precision, source: { id, name, settings, titleNote }, cacheDir: cacheFolder('converted'), signal },
      onBytes: (done, total) => progress.showBytes('linear layers', done, total),
    }),
  );
}
