import { readdir, stat } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { knownModel, listModels, resolveModel } from '../config/model.js';
import { UsageError } from '../errors.js';
import { hubSettings } from '../hub/settings.js';
import { type CacheKind, cacheFolder, cacheKinds } from '../models/cache-folder.js';
import { contextLength } from '../models/context.js';
import { pulledModelDir } from '../models/hub-id.js';
import { inspectModel } from '../models/inspect.js';
import { type MemoryNeed, memoryNeeds } from '../models/memory.js';
import type { ModelFinding } from '../models/model-finding.js';

/** A model as `repro models list` names it. */
export interface ListedModel {
  /** What `--model` takes. */
  readonly id: string;
  readonly name: string;
  readonly family: string;
  /** Repository; null for the models that come along. */
  readonly hub: string | null;
  /** Null where it was not pulled. */
  readonly folder: string | null;
}

export function listedModels(): ListedModel[] {
  return listModels().map((id) => {
    const { name, family, hub = null, dir = null } = knownModel(id);
    return { id, name, family, hub, folder: dir };
  });
}

/** A folder of what can be made anew. */
export interface ListedCache {
  readonly kind: CacheKind;
  readonly folder: string;
  readonly entries: number;
  readonly bytes: number;
}

/** The folders of all caches, as far as there is something in them. */
export async function listedCaches(): Promise<ListedCache[]> {
  const caches = cacheKinds.map(async (kind) => {
    const folder = cacheFolder(kind);
    const entries = await readdir(folder).catch(() => []);
    const files = await readdir(folder, { recursive: true }).catch(() => []);
    const sizes = files.map(async (file) => {
      const info = await stat(join(folder, file)).catch(() => undefined);
      return info?.isFile() ? info.size : 0;
    });
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    return { kind, folder, entries: entries.length, bytes };
  });
  return (await Promise.all(caches)).filter(({ entries }) => entries > 0);
}

export interface CheckedModel {
  /** As it was named. */
  readonly name: string;
  readonly dir: string;
  readonly isSound: boolean;
  readonly findings: readonly ModelFinding[];
  readonly parameters: number;
  readonly bytes: number;
  readonly memory: readonly MemoryNeed[];
  readonly machine: { readonly totalBytes: number; readonly freeBytes: number };
}

/** Tokens of the canvas that memory is stated for: the longest of the paper, with a prompt of several examples. */
const CANVAS = 2048;

export async function checkedModels(names: readonly string[], revision: string): Promise<CheckedModel[]> {
  const checked: CheckedModel[] = [];
  for (const name of names) checked.push(await checkedModel(name, folderOf(name, revision)));
  return checked;
}

export async function checkedModel(name: string, dir: string): Promise<CheckedModel> {
  const { findings, dimensions, specs, precision, parameters, bytes } = await inspectModel(dir);
  const isSound = findings.every(({ state }) => state !== 'broken');
  const tokens = dimensions === undefined ? CANVAS : Math.min(CANVAS, contextLength(dimensions));
  return {
    ...{ name, dir, isSound, findings, parameters, bytes },
    memory:
      dimensions === undefined || !isSound
        ? []
        : memoryNeeds(specs, dimensions, tokens).filter(
            (need) => precision === 'fp32' || need.precision === precision,
          ),
    machine: { totalBytes: totalmem(), freeBytes: freemem() },
  };
}

/** @throws UsageError `MODEL_UNKNOWN` */
function folderOf(name: string, revision: string): string {
  if (revision === 'main') return resolveModel(name).dir;
  const dir = pulledModelDir(name, revision);
  if (dir !== undefined) return dir;
  throw new UsageError(
    'MODEL_UNKNOWN',
    `${name} at ${revision} is not in ${hubSettings().cacheFolder}; type: repro models pull ${name} --revision ${revision}`,
  );
}
