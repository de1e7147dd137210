import type { Argv } from 'yargs';
import { UsageError } from '../errors.js';
import { didYouMean, nearest } from '../suggest.js';

/** What yargs knows of the flags; its type declarations leave this out. */
interface FlagTable {
  readonly key: Readonly<Record<string, unknown>>;
  readonly array: readonly string[];
  readonly boolean: readonly string[];
  readonly number: readonly string[];
}

function flagTable(cli: Argv): FlagTable {
  return (cli as unknown as { getOptions(): FlagTable }).getOptions();
}

function flag(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

/**
 * An error of yargs as one sentence, with the nearest flag for an unknown one.
 *
 * @param help What to type next.
 */
export function flagError(error: unknown, cli: Argv, argv: readonly string[], help: string): unknown {
  if (!(error instanceof Error) || error instanceof UsageError) return error;
  const message = sentence(error.message, cli, argv);
  return message === undefined ? error : new UsageError('FLAG', `${message} (${help}.)`);
}

function sentence(message: string, cli: Argv, argv: readonly string[]): string | undefined {
  const [, name = ''] = /: (?:Argument: )?([^,\s]+)/.exec(message.replaceAll('\n', '')) ?? [];
  if (/^Unknown (argument|command)/.test(message)) return unknownWord(name, cli, argv);
  if (message.startsWith('Not enough arguments following')) {
    return `${flag(name)} needs a value; write ${flag(name)}=VALUE for one that begins with a dash.`;
  }
  if (message.startsWith('Missing required argument')) return `${flag(name)} is missing.`;
  const [, given, choices] = /Given: (.*), Choices: (.*)/.exec(message) ?? [];
  if (given !== undefined && choices !== undefined) {
    const options = choices.split(', ').map((choice) => choice.replaceAll('"', ''));
    const word = given.replaceAll('"', '');
    // A word without a flag is known by its place.
    const what = argv.some((arg) => arg.startsWith(flag(name))) ? flag(name) : name;
    return `${what} is ${given}, but it must be one of ${options.join(', ')}.${didYouMean(word, options)}`;
  }
  if (message.startsWith('Not enough non-option')) return `repro ${argv[0]} needs more words than these.`;
  if (/^Too many non-option/.test(message) || message.includes('mutually exclusive')) {
    return `${message.replace(/\.$/, '')}.`;
  }
  return undefined;
}

function unknownWord(name: string, cli: Argv, argv: readonly string[]): string {
  const isFlag = argv.some((word) => word.startsWith('-') && word.replace(/^-+(no-)?/, '').startsWith(name));
  if (!isFlag) return `there is no use for "${name}" here; quote text that has blanks.`;
  const known = Object.keys(flagTable(cli).key).filter((key) => key.length > 1);
  const near = nearest(name, known);
  return `there is no flag ${flag(name)}.${near === undefined ? '' : ` Did you mean "${flag(near)}"?`}`;
}

/**
 * What yargs lets pass: a flag given twice, a number that is none, a switch with a value that is no truth.
 *
 * @throws UsageError `FLAG`
 */
export function checkFlags(
  cli: Argv,
  args: Readonly<Record<string, unknown>>,
  argv: readonly string[],
): void {
  const { key, array, boolean, number } = flagTable(cli);
  for (const name of Object.keys(key)) {
    const value = args[name];
    if (Array.isArray(value) && !array.includes(name)) {
      throw new UsageError('FLAG', `${flag(name)} is given ${value.length} times; give it once.`);
    }
    if (number.includes(name) && Number.isNaN(value)) {
      throw new UsageError('FLAG', `${flag(name)} must be a number.`);
    }
  }
  for (const word of argv) {
    const [, name, value] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined && boolean.includes(name) && value !== 'true' && value !== 'false') {
      throw new UsageError('FLAG', `--${name} takes no value: it is on when it is there.`);
    }
  }
}
