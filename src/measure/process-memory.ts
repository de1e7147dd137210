import { readFile } from 'node:fs/promises';

/** Memory of this process. */
export interface ProcessMemory {
  /** In RAM, mapped files with it. */
  readonly residentBytes: number;
  /** Of it, what is no file and could only be swapped; null where the system does not tell. */
  readonly anonymousBytes: number | null;
}

/** What of the memory is files: weights that are mapped, and libraries; null where the system does not tell. */
export function mappedBytes({ residentBytes, anonymousBytes }: ProcessMemory): number | null {
  return anonymousBytes === null ? null : residentBytes - anonymousBytes;
}

export async function processMemory(): Promise<ProcessMemory> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(status) ?? [];
  return {
    residentBytes: process.memoryUsage.rss(),
    anonymousBytes: kib === undefined ? null : Number(kib) * 1024,
  };
}
