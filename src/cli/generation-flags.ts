import type { Argv } from 'yargs';
import type { Override } from '../config/overrides.js';
import { listParameters, type Parameter } from '../config/parameters.js';
import { generationOptions } from '../decoding/settings.js';
import { precisionFlag } from './precision-flag.js';

/** One flag for every generation setting: `--gen-length` is `--set generation.genLength`. */
interface GenerationFlag {
  readonly name: string;
  readonly parameter: Parameter;
}

const flags: readonly GenerationFlag[] = listParameters(generationOptions, {}, 'generation').map(
  (parameter) => ({ name: kebab(parameter.path.split('.').at(-1)!), parameter }),
);

/** `--model` of commands that decode one model, the reference unless told. */
export function modelFlag<T>(yargs: Argv<T>) {
  return precisionFlag(yargs).option('model', {
    type: 'string',
    requiresArg: true,
    default: 'reference',
    describe: 'Id or folder',
  });
}

/** Adds the flags; values stay text here, because the schema of the config checks them. */
export function addGenerationFlags<T>(yargs: Argv<T>): Argv<T> {
  for (const { name, parameter } of flags) {
    const isSwitch = parameter.type === 'true or false';
    const initial = parameter.default === undefined ? {} : { defaultDescription: String(parameter.default) };
    yargs.option(name, {
      type: isSwitch ? 'boolean' : 'string',
      requiresArg: !isSwitch,
      describe: parameter.description,
      group: 'Generation:',
      ...(isSwitch ? {} : initial),
    });
  }
  return yargs;
}

/** The flags that were given, as overrides of the config. */
export function generationOverrides(args: Readonly<Record<string, unknown>>): Override[] {
  return flags
    .filter(({ name }) => args[name] !== undefined)
    .map(({ name, parameter }) => {
      const text = String(args[name]);
      return { path: parameter.path.split('.'), text, origin: `--${name} ${text}` };
    });
}

function kebab(camel: string): string {
  return camel.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
