import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mapRun } from '../conformance/mapping.js';
import { parseVector, type Vector } from '../conformance/vector.js';
import { vectorMethod } from '../conformance/verify.js';
import { UsageError } from '../errors.js';
import { didYouMean } from '../suggest.js';

/** A file of a folder of vectors. */
export interface VectorFile {
  readonly dir: string;
  readonly name: string;
  readonly text: string;
  /** A sentence where the file is no vector. */
  readonly vector: Vector | string;
  /** As counts are kept: the vector's own name of its method. */
  readonly method: string;
}

export interface Selection {
  /** Names of vector methods or our method ids; all if absent. */
  readonly methods: readonly string[] | undefined;
  /** Vectors of each method at most, those with the fewest passes; all if absent. */
  readonly limit: number | undefined;
}

/** The vectors of a folder, by name. @throws UsageError for a folder without any. */
export async function readVectors(dir: string): Promise<VectorFile[]> {
  const files: VectorFile[] = [];
  for (const name of await vectorNames(dir)) {
    const text = await readFile(join(dir, name), 'utf8');
    const vector = parseVector(text);
    const method = typeof vector === 'string' ? 'unreadable' : vectorMethod(vector);
    files.push({ dir, name, text, vector, method });
  }
  return files;
}

async function vectorNames(dir: string): Promise<string[]> {
  const info = await stat(dir).catch(() => undefined);
  if (info === undefined || !info.isDirectory()) {
    throw new UsageError(
      'VERIFY_NO_DIR',
      `${dir} is not a folder; type "repro verify DIR" with the folder of the vectors.`,
    );
  }
  const files = (await readdir(dir)).filter((name) => name.endsWith('.json')).sort();
  if (files.length === 0) {
    throw new UsageError(
      'VERIFY_EMPTY',
      `${dir} holds no .json file; give the folder that holds the vectors themselves.`,
    );
  }
  return files;
}

/** The files that a command line asks for. @throws UsageError for a method that none of them has. */
export function selectVectors(files: readonly VectorFile[], { methods, limit }: Selection): VectorFile[] {
  const known = new Set(files.flatMap(namesOf));
  for (const name of methods ?? []) {
    if (known.has(name)) continue;
    throw new UsageError(
      'VERIFY_METHOD',
      `no vector is of the method "${name}".${didYouMean(name, known)} Methods: ${[...known].sort().join(', ')}.`,
    );
  }
  const wanted = files.filter(
    (file) => methods === undefined || namesOf(file).some((n) => methods.includes(n)),
  );
  if (limit === undefined) return wanted;
  const counts = new Map<string, number>();
  const kept = wanted
    .toSorted((a, b) => passes(a) - passes(b))
    .filter(({ method }) => {
      const before = counts.get(method) ?? 0;
      counts.set(method, before + 1);
      return before < limit;
    });
  return wanted.filter((file) => kept.includes(file));
}

function namesOf({ vector, method }: VectorFile): string[] {
  if (typeof vector === 'string' || vector.kind === 'logits-full') return [method];
  const mapped = mapRun(vector.vector.method, vector.vector.params);
  return typeof mapped === 'object' ? [method, mapped.method] : [method];
}

function passes({ vector }: VectorFile): number {
  if (typeof vector === 'string') return 0;
  return vector.kind === 'logits-full' ? vector.vector.inputs.length : vector.vector.nfe;
}
