import { UsageError } from '../errors.js';

/** Stack that Node gives a worker thread unless told otherwise, in MiB. */
const usualStackMb = 4;

/**
 * Stack that onnxruntime 1.30 takes for each byte of the command line, with room: measured are 288 on x64. When a
 * process makes its first session, it looks through the whole of `/proc/self/cmdline` with a regular expression that
 * recurses at every character; a stack that is too small ends the process with SIGSEGV.
 */
const stackBytesPerByte = 512;

/** A command line that the usual stack of a worker holds; 14,300 bytes end it. */
const workerBytes = 6_000;

/** A command line that the usual stack of a main thread holds (8 MiB); 29,000 bytes end it. */
const mainThreadBytes = 16_000;

/** Bytes of the command line of this process, with a separator after each argument. */
export function commandLineBytes(): number {
  const words = [...process.execArgv, ...process.argv];
  return words.reduce((bytes, word) => bytes + Buffer.byteLength(word) + 1, 0);
}

/** What a worker thread needs whose session may be the first of the process; nothing where the usual stack will do. */
export function workerStack(bytes = commandLineBytes()): { resourceLimits?: { stackSizeMb: number } } {
  if (bytes <= workerBytes) return {};
  return { resourceLimits: { stackSizeMb: usualStackMb + Math.ceil((bytes * stackBytesPerByte) / 2 ** 20) } };
}

/**
 * For sessions on the main thread, whose stack cannot be made larger.
 *
 * @throws UsageError `COMMAND_LINE_LONG`
 */
export function refuseLongCommandLine(bytes = commandLineBytes()): void {
  if (bytes <= mainThreadBytes) return;
  throw new UsageError(
    'COMMAND_LINE_LONG',
    `the command line has ${bytes} bytes, and onnxruntime takes no more than ${mainThreadBytes} of it here; ` +
      'write the settings into an experiment file and name that.',
  );
}
