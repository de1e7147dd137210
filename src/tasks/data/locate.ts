import { statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { UsageError } from '../../errors.js';
import type { DataSet, Layout } from './data-set.js';
import { globFiles } from './glob.js';
import type { DataSource } from './source.js';

/** The files of one split of a data set on this machine. */
export interface LocatedData {
  readonly set: DataSet;
  readonly split: string;
  readonly layout: Layout;
  /** Folder that the names of the files are relative to. */
  readonly folder: string;
  /** Absolute paths, at least one, in reading order. */
  readonly files: readonly string[];
  /** Of the hub snapshot that they belong to; null for a folder of the user's. */
  readonly commit: string | null;
}

/**
 * Finds a split: in the folder or file that the user names, then among what was pulled.
 *
 * @param group Subject or type, where only that one is wanted.
 * @throws UsageError `DATA_MISSING`, with the command that fetches it
 */
export function locateData(set: DataSet, split: string, source: DataSource, group?: string): LocatedData {
  const { path, named } = source;
  if (path !== undefined) {
    const found = statSync(path).isFile()
      ? oneFile(set, split, path, group)
      : inFolders(set, split, path, group);
    if (found !== undefined) return found;
    if (named === '--data') throw missing(set, split, `${path} holds none`, group);
  }
  const snapshot = source.snapshot?.(set.hub);
  const pulled = snapshot && inFolder(set, split, snapshot.folder, snapshot.commit, group);
  if (pulled !== undefined) return pulled;
  throw missing(
    set,
    split,
    path === undefined ? 'none was pulled' : `${path} holds none, and none was pulled`,
    group,
  );
}

/** A file is one split: the one that its name says, else the one that is asked questions of. Others lie beside it. */
function oneFile(
  set: DataSet,
  split: string,
  path: string,
  group: string | undefined,
): LocatedData | undefined {
  if (split !== splitOf(set, basename(path))) return inFolders(set, split, dirname(path), group);
  const hub = extname(path) === '.parquet' || set.layouts.length === 1;
  const layout = set.layouts.find(({ kind }) => kind === (hub ? 'hub' : 'upstream'))!;
  return { set, split, layout, folder: join(path, '..'), files: [path], commit: null };
}

function splitOf(set: DataSet, name: string): string {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  const splits = Object.keys(set.rows);
  const said = splits.find((split) => words.includes(split));
  const meant = words.map((word) => set.splitWords?.[word]).find((split) => split !== undefined);
  return said ?? meant ?? (splits.includes('test') ? 'test' : splits[0]!);
}

/** The folder may be that of the data set itself, or hold it by any name that it goes by. */
function inFolders(set: DataSet, split: string, dir: string, group?: string): LocatedData | undefined {
  const names = [...set.folders, set.hub, basename(set.hub)];
  const own = set.folders.includes(basename(dir)) || basename(dir) === basename(set.hub);
  const below = [dir, join(dir, 'data')].flatMap((base) => names.map((name) => join(base, name)));
  for (const folder of own ? [dir, ...below] : [...below, dir]) {
    const found = inFolder(set, split, folder, null, group);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inFolder(
  set: DataSet,
  split: string,
  folder: string,
  commit: string | null,
  group: string | undefined,
): LocatedData | undefined {
  for (const layout of set.layouts) {
    for (const pattern of layout.files(split)) {
      if (pattern.includes('{group}') && group === undefined) continue;
      const files = globFiles(folder, pattern.replace('{group}', group ?? ''));
      if (files.length > 0) return { set, split, layout, folder, files, commit };
    }
  }
  return undefined;
}

function missing(set: DataSet, split: string, where: string, group: string | undefined): UsageError {
  const looked = set.layouts.map(({ files }) =>
    files(split).find((name) => group !== undefined || !name.includes('{')),
  );
  const names = looked
    .map((name) => `${set.folders[0]}/${name!.replace('{group}', group ?? '')}`)
    .join(' or ');
  const gate = set.gated ? ' (gated: "repro data list" says how to get access)' : '';
  return new UsageError(
    'DATA_MISSING',
    `There are no ${split} rows of ${set.title}: ${where}; type "repro data pull ${set.id}"${gate}, ` +
      `or give --data a folder with ${names}.`,
  );
}
