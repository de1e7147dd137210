import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { hubSettings } from '../hub/settings.js';
import { familyOf } from '../models/config.js';
import { looksLikeHubId, pulledModelDir } from '../models/hub-id.js';
import { conversionFileName, parseConversion } from '../models/precision/conversion.js';
import { type TemplateChoice, templateChoices } from '../models/template-choice.js';
import type { ModelDimensions } from '../models/types.js';
import { packageRoot } from '../paths.js';
import { didYouMean } from '../suggest.js';
import { idSchema, listConfigs, type SettingsId, settingsSchema } from './method.js';
import { readYaml } from './yaml.js';

/** A model file: a checkpoint with a name. */
export const modelSchema = z.strictObject({
  id: idSchema,
  name: z.string().min(1).describe('What tables print.'),
  path: z
    .string()
    .min(1)
    .optional()
    .describe('Checkpoint folder in Hugging Face layout, relative to the package.'),
  hub: z.string().min(1).optional().describe('Repository on the hub, in place of a path: OWNER/NAME.'),
  family: z.enum(['llada', 'dream']),
  settings: settingsSchema
    .optional()
    .describe('Whose published settings the methods take; by default those of the family.'),
  chatTemplate: z
    .enum(templateChoices)
    .optional()
    .describe(
      'own: what the folder says, as by default; none: prompts go in as they are, for a base model; llada or chatml: that one.',
    ),
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
  /** Default own. */
  readonly chatTemplate?: TemplateChoice;
  /** Whether it is computed in half precision whatever its size; else the device decides. */
  readonly half?: true;
}

/** The model in half precision, under a name of its own. */
export function inHalf({ titleNote, ...model }: ModelConfig): ModelConfig {
  const note = titleNote === undefined ? {} : { titleNote: `${titleNote} in fp16` };
  return { ...model, ...note, id: `${model.id}-fp16`, name: `${model.name} fp16`, half: true };
}

/** Ids of the models that have a file in the package. */
export function listModels(root: string = packageRoot): string[] {
  return listConfigs(join(root, 'configs', 'models'));
}

/** A model of the package or of the hub, whether it is here or not. */
export interface KnownModel extends Omit<ModelConfig, 'dir'> {
  /** Undefined for the models that come along. */
  readonly hub: string | undefined;
  /** Undefined if it was not pulled. */
  readonly dir: string | undefined;
}

/** What the model file of an id says. @throws what `readYaml` throws */
export function knownModel(id: string, root: string = packageRoot): KnownModel {
  const { value, errorAt } = readYaml(join(root, 'configs', 'models', `${id}.yaml`), modelSchema);
  if (value.id !== id) throw errorAt(['id'], `"id" is "${value.id}", but the file is called ${id}.yaml.`);
  const { name, path, hub, family, settings = family, titleNote, chatTemplate } = value;
  if (familyOfSettings(settings) !== family) {
    throw errorAt(['settings'], `"settings" is "${settings}", but "family" is "${family}".`);
  }
  const note = titleNote === undefined ? {} : { titleNote };
  const template = chatTemplate === undefined ? {} : { chatTemplate };
  const shared = { id, name, family, settings, ...note, ...template };
  if (hub !== undefined && path === undefined) return { ...shared, hub, dir: pulledModelDir(hub) };
  if (path === undefined) throw errorAt([], 'there is neither "path" nor "hub"; write one of them.');
  if (hub !== undefined) throw errorAt(['hub'], '"hub" stands beside "path"; leave one of them out.');
  return { ...shared, hub, dir: join(root, path) };
}

/**
 * The model that `--model` names: an id, a repository of the hub that was pulled, or a folder (for one that is called
 * like an id write `./id`). What is in the folder is looked at when it is opened.
 *
 * @throws UsageError `MODEL_UNKNOWN`, `MODEL_NOT_PULLED`, or what `readYaml` throws.
 */
export function resolveModel(idOrDir: string, root: string = packageRoot): ModelConfig {
  const ids = listModels(root);
  if (ids.includes(idOrDir)) return whereItLies(knownModel(idOrDir, root));
  const dir = resolve(idOrDir);
  if (idOrDir !== '' && statSync(dir, { throwIfNoEntry: false })?.isDirectory()) {
    return folderModel(dir, root);
  }
  if (looksLikeHubId(idOrDir)) return hubModel(idOrDir, ids, root);
  throw new UsageError(
    'MODEL_UNKNOWN',
    `there is no model "${idOrDir}": neither an id (${ids.join(', ')}) nor a folder with config.json and ` +
      `model.safetensors.${didYouMean(idOrDir, ids)}`,
  );
}

/** A repository of the hub: one that has a model file, or any other. */
function hubModel(hub: string, ids: readonly string[], root: string): ModelConfig {
  const known = ids.map((id) => knownModel(id, root)).find((model) => model.hub === hub);
  if (known !== undefined) return whereItLies(known);
  const dir = pulledModelDir(hub);
  if (dir === undefined) throw notPulled(hub, `there is no folder ${hub}, and`);
  const family = folderFamily(dir);
  const name = basename(hub);
  return { id: name, name, dir, family, settings: family };
}

function whereItLies({ hub, dir, ...model }: KnownModel): ModelConfig {
  if (dir !== undefined) return { ...model, dir };
  throw notPulled(hub!, '');
}

function notPulled(hub: string, before: string): UsageError {
  return new UsageError(
    'MODEL_NOT_PULLED',
    `${before} the model ${hub} is not in ${hubSettings().cacheFolder}; type: repro models pull ${hub}`.trim(),
  );
}

/** Whether a model comes with the package. */
export function isPackaged({ dir }: ModelConfig, root: string = packageRoot): boolean {
  return dirname(dir) === join(root, 'models');
}

/** A folder by its own name; a converted one by that of the model that it was made of. */
function folderModel(dir: string, root: string): ModelConfig {
  const family = folderFamily(dir);
  const path = join(dir, conversionFileName);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    return { id: basename(dir), name: basename(dir), dir, family, settings: family };
  }
  const { source, precision } = parseConversion(readFileSync(path, 'utf8'), path);
  const { titleNote } = source;
  const { chatTemplate } = listModels(root).includes(source.id) ? knownModel(source.id, root) : {};
  return {
    ...{ id: `${source.id}-${precision}`, name: `${source.name} ${precision}`, dir, family },
    settings: settingsSchema.catch(family).parse(source.settings),
    ...(titleNote === null ? {} : { titleNote: `${titleNote} in ${precision}` }),
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
  };
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
