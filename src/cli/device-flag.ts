import type { Argv } from 'yargs';
import { type DeviceChoice, type DeviceFacts, deviceChoices } from '../engine/device.js';

/** `--device` of every command that decodes. */
export function deviceFlag<T>(yargs: Argv<T>) {
  return yargs.option('device', {
    type: 'string',
    requiresArg: true,
    default: 'cpu' as DeviceChoice,
    choices: deviceChoices,
    describe: 'What the engine runs on; auto: the GPU where there is one, else the CPU',
  });
}

/**
 * The device of the flag. A line on stderr says what `auto` chose and why, or what to know of the device.
 * @throws UsageError `ENGINE_DEVICE` if it is not there.
 */
export async function resolveDevice(choice: DeviceChoice): Promise<DeviceFacts> {
  const { chooseDevice } = await import('../engine/choose-device.js');
  const { notice, ...facts } = await chooseDevice(choice);
  if (notice !== null) process.stderr.write(`repro: ${notice}\n`);
  return facts;
}
