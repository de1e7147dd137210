import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

let count = 0;

/** A name for what is being written: of this call alone, since two processes may write the same at once. */
export function ownPartial(path: string): string {
  count += 1;
  return `${path}.${process.pid}-${count}.partial`;
}

/** Whether a name is that of something that some process writes, or wrote when it was killed. */
export function isPartial(name: string): boolean {
  return partialPid(name) !== undefined;
}

/** Removes from a folder what processes that are gone have left behind. */
export async function removeLeftOvers(dir: string): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const pid = partialPid(name);
    if (pid !== undefined && !isRunning(pid)) await rm(join(dir, name), { recursive: true, force: true });
  }
}

function partialPid(name: string): number | undefined {
  const [, pid] = /\.(\d+)-\d+\.partial$/.exec(name) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
