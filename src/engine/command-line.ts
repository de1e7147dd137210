import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { entryPoint } from './entry-point.js';

/** Stack that Node gives a worker thread unless told otherwise, in MiB. */
const usualStackMb = 4;

/**
 * Stack that onnxruntime 1.30 takes for each byte of the command line, with room: measured are 288 on x64. When a
 * process makes its first session, it looks through the whole of `/proc/self/cmdline` with a regular expression that
 * recurses at every character; a stack that is too small ends the process with SIGSEGV.
 */
const stackBytesPerByte = 512;

/** A command line that any thread's usual stack holds; 14,300 bytes end a worker, 29,000 a main thread. */
const shortBytes = 6_000;

/** Bytes of the command line of this process, with a separator after each argument. */
export function commandLineBytes(): number {
  const words = [...process.execArgv, ...process.argv];
  return words.reduce((bytes, word) => bytes + Buffer.byteLength(word) + 1, 0);
}

/** What a worker thread needs whose session may be the first of the process; nothing where the usual stack will do. */
function workerStack(bytes = commandLineBytes()): { resourceLimits?: { stackSizeMb: number } } {
  if (bytes <= shortBytes) return {};
  return { resourceLimits: { stackSizeMb: usualStackMb + Math.ceil((bytes * stackBytesPerByte) / 2 ** 20) } };
}

let read: Promise<unknown> | undefined;

/**
 * To be awaited before a session on the main thread, whose stack cannot be made larger: where the command line is long, a
 * worker makes the first session of the process in its place.
 */
export async function readCommandLine(): Promise<void> {
  if (commandLineBytes() <= shortBytes) return;
  read ??= firstSession();
  await read;
}

async function firstSession(): Promise<void> {
  await once(sessionWorker('first-session'), 'exit');
}

/** Starts a worker thread whose session may be the first of the process. */
export function sessionWorker(name: Parameters<typeof entryPoint>[0], workerData?: unknown): Worker {
  const { url, execArgv } = entryPoint(name);
  return new Worker(url, { workerData, ...(execArgv.length > 0 ? { execArgv } : {}), ...workerStack() });
}
