import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheOptions } from '../caching/registry.js';
import { unmaskOptions } from '../decoding/rules/registry.js';
import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import { didYouMean } from '../suggest.js';
import { generationLayer } from './generation-layer.js';
import { checkParts, layParts, partsLayer } from './method-layer.js';
import { readYaml } from './yaml.js';

/** Ids are stable: they stand in CSV files and on command lines. */
export const idSchema = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);

/** The models for which the Dynamic-dLLM paper states settings of its baselines; a family's first is its own. */
export const settingsSchema = z.enum(['llada', 'llada-1.5', 'dream']);
export type SettingsId = z.output<typeof settingsSchema>;

const presetSchema = partsLayer.extend({
  summary: z.string().min(1).describe('Where the settings are used.'),
  source: z.string().min(1).describe('Script, README or paper that states them.'),
  generation: generationLayer
    .optional()
    .describe('Canvas and sampler of that place: for `repro generate`; an experiment keeps its own.'),
});

type Preset = z.output<typeof presetSchema>;

/** A method file: a cache policy plus an unmasking rule, and what a reader should know of them. */
export const methodSchema = z.strictObject({
  id: idSchema,
  name: z.string().min(1).describe("What tables print; the paper's star marks parallel decoding."),
  summary: z.string().min(1).describe('One paragraph: what the method does.'),
  source: z.string().min(1).describe('Paper and code that it follows.'),
  cache: cacheOptions,
  unmask: unmaskOptions,
  models: z
    .strictObject({ 'llada-1.5': partsLayer.optional(), dream: partsLayer.optional() })
    .default({})
    .describe('What differs for a model, by the settings of the Dynamic-dLLM paper; the rest is for LLaDA.'),
  presets: z
    .record(idSchema, presetSchema)
    .default({})
    .describe("Settings of the authors' scripts, to be named as id@preset."),
  notes: z.array(z.string().min(1)).default([]).describe('Where paper and released code differ.'),
});

export type MethodFile = z.output<typeof methodSchema>;

/** What a method does: the two parts that decide every token. */
export type MethodParts = Pick<MethodFile, 'cache' | 'unmask'>;

/** A method with the settings of one model or preset. */
export interface MethodConfig extends MethodParts {
  /** The file's id, or `id@preset`. */
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly notes: readonly string[];
}

/** Ids of all methods of the package, in alphabetical order. */
export function listMethods(root: string = packageRoot): string[] {
  return listConfigs(join(root, 'configs', 'methods'));
}

/** Names without `.yaml` of the files in a folder of configs. */
export function listConfigs(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** @throws UsageError `METHOD_UNKNOWN`, or what `readYaml` throws. */
export function loadMethodFile(id: string, root: string = packageRoot): MethodFile {
  const ids = listMethods(root);
  if (!ids.includes(id)) {
    const hint = didYouMean(id, ids) || ` Methods: ${ids.join(', ')}.`;
    throw new UsageError('METHOD_UNKNOWN', `there is no method "${id}".${hint}`);
  }
  return readMethod(join(root, 'configs', 'methods', `${id}.yaml`), id);
}

/** Reads one method file. @throws UsageError as `readYaml`, or if `id` is not the one that the file states. */
export function readMethod(path: string, id: string): MethodFile {
  const file = readYaml(path, methodSchema);
  const { value, errorAt } = file;
  if (value.id !== id) throw errorAt(['id'], `"id" is "${value.id}", but the file is called ${id}.yaml.`);
  checkParts(file);
  return value;
}

/**
 * A method as a model takes it, or with the settings of a preset.
 *
 * @param reference `id` or `id@preset`; a preset decides all that it names, whatever the model.
 * @throws UsageError `METHOD_UNKNOWN`, `METHOD_PRESET`, or what `readYaml` throws.
 */
export function loadMethod(
  reference: string,
  settings: SettingsId = 'llada',
  root: string = packageRoot,
): MethodConfig {
  const { id, preset } = splitReference(reference);
  const { name, summary, source, notes, models, ...file } = loadMethodFile(id, root);
  const about = { summary, source, notes };
  if (preset === undefined)
    return { id, name, ...about, ...layParts(file, settings === 'llada' ? undefined : models[settings]) };
  const layer = findPreset(file, preset);
  return { id: reference, name: `${name} (${preset})`, ...about, ...layParts(file, layer) };
}

/** Canvas and sampler of the place that a preset is from; empty without a preset. Throws like `loadMethod`. */
export function presetGeneration(
  reference: string,
  root: string = packageRoot,
): z.output<typeof generationLayer> {
  const { id, preset } = splitReference(reference);
  return preset === undefined ? {} : (findPreset(loadMethodFile(id, root), preset).generation ?? {});
}

function splitReference(reference: string): { id: string; preset?: string } {
  const at = reference.indexOf('@');
  return at < 0 ? { id: reference } : { id: reference.slice(0, at), preset: reference.slice(at + 1) };
}

function findPreset({ id, presets }: Pick<MethodFile, 'id' | 'presets'>, preset: string): Preset {
  const known = Object.keys(presets);
  const found = Object.hasOwn(presets, preset) ? presets[preset] : undefined;
  if (found !== undefined) return found;
  const hint = didYouMean(preset, known) || ` ${listOf(id, known)}.`;
  throw new UsageError('METHOD_PRESET', `method "${id}" has no preset "${preset}".${hint}`);
}

/** A list that fits into a sentence, or where to find it. */
function listOf(id: string, presets: readonly string[]): string {
  if (presets.length === 0) return 'It has none';
  return presets.length > 8
    ? `"repro explain ${id}" lists its ${presets.length} presets`
    : `Its presets: ${presets.join(', ')}`;
}
