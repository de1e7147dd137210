import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { familyOf } from '../models/config.js';
import type { ModelDimensions } from '../models/types.js';
import { packageRoot } from '../paths.js';
import { didYouMean } from '../suggest.js';
import { idSchema, listConfigs, type SettingsId, settingsSchema } from './method.js';
import { readYaml } from './yaml.js';

/** A model file: a checkpoint folder with a name. */
export const modelSchema = z.strictObject({
  id: idSchema,
  name: z.string().min(1).describe('What tables print.'),
  path: z.string().min(1).describe('Checkpoint folder in Hugging Face layout, relative to the package.'),
  family: z.enum(['llada', 'dream']),
  settings: settingsSchema
    .optional()
    .describe('Whose published settings the methods take; by default those of the family.'),
  titleNote: z
    .string()
    .min(1)
    .optional()
    .describe('Words that every title of a table of this model carries.'),
});

type Family = ModelDimensions['family'];

/** A model to run. */
export interface ModelConfig {
  /** From the model file, or the last part of the folder's path. */
  readonly id: string;
  readonly name: string;
  /** Absolute. */
  readonly dir: string;
  readonly family: Family;
  /** Whose published settings the methods take, unless an experiment says otherwise. */
  readonly settings: SettingsId;
  readonly titleNote?: string;
}

/** Ids of the models that have a file in the package. */
export function listModels(root: string = packageRoot): string[] {
  return listConfigs(join(root, 'configs', 'models'));
}

/**
 * The model that `--model` names: an id, or a folder (for one that is called like an id write `./id`). What is
 * in the folder is looked at when it is opened.
 *
 * @throws UsageError `MODEL_UNKNOWN`, or what `readYaml` throws.
 */
export function resolveModel(idOrDir: string, root: string = packageRoot): ModelConfig {
  const ids = listModels(root);
  if (ids.includes(idOrDir)) return readModel(idOrDir, root);
  const dir = resolve(idOrDir);
  if (idOrDir === '' || !statSync(dir, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(
      'MODEL_UNKNOWN',
      `there is no model "${idOrDir}": neither an id (${ids.join(', ')}) nor a folder with config.json and ` +
        `model.safetensors.${didYouMean(idOrDir, ids)}`,
    );
  }
  const family = folderFamily(dir);
  return { id: basename(dir), name: basename(dir), dir, family, settings: family };
}

/** The family that a folder's config.json names; what is wrong with the folder is told when it is opened. */
function folderFamily(dir: string): Family {
  try {
    return familyOf(readFileSync(join(dir, 'config.json'), 'utf8')) ?? 'llada';
  } catch {
    return 'llada';
  }
}

/** The family whose models a key of settings is for. */
export function familyOfSettings(settings: SettingsId): Family {
  return settings === 'dream' ? 'dream' : 'llada';
}

function readModel(id: string, root: string): ModelConfig {
  const { value, errorAt } = readYaml(join(root, 'configs', 'models', `${id}.yaml`), modelSchema);
  if (value.id !== id) throw errorAt(['id'], `"id" is "${value.id}", but the file is called ${id}.yaml.`);
  const { name, path, family, settings = family, titleNote } = value;
  if (familyOfSettings(settings) !== family) {
    throw errorAt(['settings'], `"settings" is "${settings}", but "family" is "${family}".`);
  }
  const note = titleNote === undefined ? {} : { titleNote };
  return { id, name, dir: join(root, path), family, settings, ...note };
}
