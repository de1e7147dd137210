import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type HubRepo, isCommit, repoFolder } from './repo.js';

/** A commit of a repository as it lies in the cache. */
export interface Snapshot {
  readonly folder: string;
  readonly commit: string;
}

/**
 * What was pulled of a repository, by this program or by Python: the commit that a branch stood for then, else the
 * only commit that is there. Asks no network; which files the commit has here is not looked at.
 */
export function pulledSnapshot(cacheFolder: string, repo: HubRepo, revision = 'main'): Snapshot | undefined {
  const folder = join(cacheFolder, repoFolder(repo));
  const commit =
    readRef(join(folder, 'refs', ...revision.split('/'))) ?? onlyCommit(join(folder, 'snapshots'));
  if (commit === undefined) return undefined;
  const path = join(folder, 'snapshots', commit);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? { folder: path, commit } : undefined;
}

function readRef(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return isCommit(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function onlyCommit(folder: string): string | undefined {
  try {
    const commits = readdirSync(folder).filter(isCommit);
    return commits.length === 1 ? commits[0] : undefined;
  } catch {
    return undefined;
  }
}
