import type { ArgumentsCamelCase, Argv } from 'yargs';

/**
 * A sub-command. Its file is loaded when the command is named, so it may import zod schemas for its flags;
 * onnxruntime and the like belong in dynamic imports inside the handler.
 */
export interface CliCommand<Args = object> {
  /** yargs usage: `generate`, `explain [method]`. */
  readonly command: string;
  readonly describe: string;
  builder(yargs: Argv): Argv<Args>;
  /** Prints results on stdout and resolves to the exit code; nothing means 0. */
  handler(args: ArgumentsCamelCase<Args>): Promise<number | undefined> | Promise<void>;
}

/** Gives the handler the flag types of the builder, and forgets them for the list of commands. */
export function defineCommand<Args>(command: CliCommand<Args>): CliCommand {
  return command as unknown as CliCommand;
}
