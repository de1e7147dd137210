import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import yargs, { type Argv } from 'yargs';
import { onNotice } from '../engine/notices.js';
import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import { didYouMean } from '../suggest.js';
import type { CliCommand } from './command.js';
import { commands } from './commands.js';
import { checkFlags, flagError } from './flags.js';
import { complain, reportError } from './report-error.js';

const examples: readonly (readonly [command: string, what: string])[] = [
  ['repro generate --method dynamic-dllm --prompt "What is 3 + 4?"', 'one response of the embedded model'],
  ['repro explain dynamic-dllm-apd', 'its settings, and where paper and code differ'],
  ['repro <command> --help', 'the flags of a command, with an example'],
];

const exitCodes =
  'Results go to stdout, progress to stderr. Exit codes: 0 ok, 1 a check failed, 2 usage, 3 not comparable, ' +
  '130 interrupted, 70 a bug.';

/**
 * Runs one command line.
 *
 * @param argv Without node and script.
 * @returns The exit code. Errors are reported on stderr, never thrown.
 */
export async function main(argv: readonly string[]): Promise<number> {
  tolerateClosedPipes();
  onNotice((line) => process.stderr.write(`repro: ${line}\n`));
  try {
    return await dispatch(argv);
  } catch (error) {
    return reportError(error);
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [name = ''] = argv;
  const entry = commands.get(name);
  if (entry !== undefined) return runCommand((await entry.load()).command, argv);
  if (name === 'help') return overview(['--help']);
  if (name !== '' && !name.startsWith('-')) {
    const names = [...commands.keys()];
    throw new UsageError(
      'COMMAND_UNKNOWN',
      `there is no command "${name}".${didYouMean(name, names)} Commands: ${names.join(', ')}.`,
    );
  }
  return overview(argv);
}

/** `repro`, `repro --help`, `repro --version`: loads no command. */
async function overview(argv: readonly string[]): Promise<number> {
  const cli = base(argv).usage('repro <command> [flags]').epilogue(exitCodes);
  for (const { usage, summary } of commands.values()) cli.command(usage, summary);
  for (const [command, what] of examples) cli.example(command, what);
  if (argv.length === 0) {
    process.stderr.write(`${await cli.getHelp()}\n`);
    return 2;
  }
  try {
    await cli.parseAsync([...argv]);
  } catch (error) {
    throw flagError(error, cli, argv, 'repro <command> [flags]: the command comes first');
  }
  return 0;
}

async function runCommand(command: CliCommand, argv: readonly string[]): Promise<number> {
  let accepted: Parameters<typeof command.handler>[0] | undefined;
  let builderError: unknown;
  const cli = base(argv).command({
    command: command.command,
    describe: command.describe,
    builder: (y: Argv) => {
      try {
        return command.builder(y);
      } catch (error) {
        builderError = error;
        throw error;
      }
    },
    // Only noted: the command itself runs outside of yargs, whose errors are all about flags.
    handler: (args) => {
      checkFlags(cli, args, argv);
      accepted = args;
    },
  });
  try {
    await cli.parseAsync([...argv]);
  } catch (error) {
    throw builderError ?? flagError(error, cli, argv, `repro ${argv[0]} --help lists its flags`);
  }
  if (accepted === undefined) return 0;
  return (await command.handler(accepted)) ?? 0;
}

function base(argv: readonly string[]): Argv {
  return yargs([...argv])
    .scriptName('repro')
    .locale('en')
    .wrap(Math.min(process.stdout.columns || 100, 110))
    .parserConfiguration({ 'greedy-arrays': false })
    .help('help', 'Show this help')
    .alias('help', 'h')
    .version('version', 'Show the version', packageVersion())
    .strict()
    .exitProcess(false)
    .fail(false);
}

function packageVersion(): string {
  const text = readFileSync(join(packageRoot, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/**
 * `repro explain | head -1` closes our stdout early: no error of ours, and what follows is not wanted. A stream that
 * cannot be written is the user's to mend.
 */
function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      if (stream === process.stdout) complain(`stdout cannot be written (${error.code}); send it elsewhere.`);
      process.exit(2);
    });
  }
}
