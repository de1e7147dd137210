import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files below `folder` whose relative path fits `pattern`, where `*` stands for any part of one name; in the
 * order of their names, numbers by value (`2.json` before `10.json`). Folders that cannot be read hold none.
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
  const source = part
    .split('*')
    .map((text) => text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'))
    .join('.*');
  // A configuration that holds all others would double their rows.
  const fits = (name: string) => new RegExp(`^${source}$`).test(name) && !(part === '*' && name === 'all');
  try {
    return readdirSync(folder).filter(fits).sort(byName);
  } catch {
    return [];
  }
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() ? 'folder' : stats?.isFile() ? 'file' : undefined;
}

/** Code-unit order, but runs of digits by their value. */
function byName(a: string, b: string): number {
  const key = (name: string) => name.replace(/\d+/g, (digits) => digits.padStart(12, '0'));
  const [left, right] = [key(a), key(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
