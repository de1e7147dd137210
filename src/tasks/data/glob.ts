import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.js';
import { escapeRegExp } from '../../scoring/python-text.js';

/**
 * Files below `folder` whose relative path fits `pattern`, where `*` stands for any part of one name; in the
 * order of their names, numbers by value (`2.json` before `10.json`).
 *
 * @throws UsageError `DATA_MISSING` for what is there and may not be looked at
 */
export function globFiles(folder: string, pattern: string): string[] {
  const parts = pattern.split('/');
  let places = [folder];
  for (const [depth, part] of parts.entries()) {
    const last = depth === parts.length - 1;
    places = places.flatMap((place) =>
      namesIn(place, part)
        .map((name) => join(place, name))
        .filter((path) => kindOf(path) === (last ? 'file' : 'folder')),
    );
  }
  return places;
}

function namesIn(folder: string, part: string): string[] {
  if (!part.includes('*')) return [part];
  const source = part.split('*').map(escapeRegExp).join('.*');
  // A configuration that holds all others would double their rows.
  const fits = (name: string) => new RegExp(`^${source}$`).test(name) && !(part === '*' && name === 'all');
  return looked(folder, () => readdirSync(folder).filter(fits).sort(byName)) ?? [];
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  const stats = looked(path, () => statSync(path, { throwIfNoEntry: false }));
  return stats?.isDirectory() ? 'folder' : stats?.isFile() ? 'file' : undefined;
}

/** What the file system says; undefined where there is nothing, or only links that lead nowhere. */
function looked<T>(path: string, look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code)) return undefined;
    throw new UsageError(
      'DATA_MISSING',
      `${path} cannot be read (${code}); mend its rights, or name another folder.`,
    );
  }
}

/** Code-unit order, but runs of digits by their value. */
function byName(a: string, b: string): number {
  const key = (name: string) => name.replace(/\d+/g, (digits) => digits.padStart(12, '0'));
  const [left, right] = [key(a), key(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
