import { createHash, randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Names of what is being written, beside the place that it takes when it is whole. */

/**
 * So much older than the last change of the folder that it lies in, what another machine writes counts as left behind:
 * its processes cannot be asked for.
 */
const abandonedMs = 24 * 3600_000;

/** This machine, in the names of files that others write to as well. */
export const hostTag = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** A part of a name that is of this call alone: two processes, of two machines too, may write the same at once. */
export function ownerTag(): string {
  return `${hostTag}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** The name under which a file or folder is written before it takes its place. */
export function ownPartial(path: string): string {
  return `${path}.${ownerTag()}.partial`;
}

/** Whether a name is that of something that some process writes, or wrote when it was killed. */
export function isPartial(name: string): boolean {
  return ownerOf(name) !== undefined;
}

/** Whether a name is that of something that was to become `target`, a name. */
export function isPartialOf(target: string, name: string): boolean {
  return ownerOf(name)?.target === target;
}

/**
 * Removes from a folder what processes that are gone have left behind.
 * @param of Left behind on the way to this name; default: to any.
 */
export async function removeLeftOvers(dir: string, of?: string): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const owner = ownerOf(name);
    if (owner === undefined || (of !== undefined && owner.target !== of)) continue;
    const path = join(dir, name);
    if (await isGone(owner, path)) await rm(path, { recursive: true, force: true });
  }
}

/** Removes what processes that are gone have left behind on the way to a file. */
export async function removeLeftOversOf(path: string): Promise<void> {
  await removeLeftOvers(dirname(path), basename(path));
}

/** Whether a process of this machine is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface Owner {
  readonly target: string;
  readonly host: string;
  readonly pid: number;
}

function ownerOf(name: string): Owner | undefined {
  const [, target, host, pid] = /^(.+)\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.partial$/.exec(name) ?? [];
  return target === undefined ? undefined : { target, host: host!, pid: Number(pid) };
}

async function isGone({ host, pid }: Owner, path: string): Promise<boolean> {
  if (host === hostTag) return !isRunning(pid);
  const [partial, folder] = await Promise.all(
    [path, dirname(path)].map((at) => stat(at).catch(() => undefined)),
  );
  return partial !== undefined && folder !== undefined && folder.mtimeMs - partial.mtimeMs > abandonedMs;
}
