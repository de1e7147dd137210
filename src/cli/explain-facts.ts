import { cacheOptions } from '../caching/registry.js';
import {
  listMethods,
  loadMethod,
  loadMethodFile,
  type MethodConfig,
  type MethodFile,
  presetGeneration,
  type SettingsId,
  settingsSchema,
} from '../config/method.js';
import { isAutoSize } from '../config/method-auto.js';
import { familyOfSettings } from '../config/model.js';
import { listParameters, type Parameter } from '../config/parameters.js';
import { isRecord, objectSchema } from '../config/schema-walk.js';
import { createMethod } from '../decoding/method.js';
import { unmaskOptions } from '../decoding/rules/registry.js';
import { generationOptions, resolveGeneration } from '../decoding/settings.js';
import { UsageError } from '../errors.js';
import type { ModelDimensions } from '../models/types.js';

type Family = ModelDimensions['family'];

const families: readonly Family[] = ['llada', 'dream'];

/** A setting that a model or a preset states. */
export interface StatedSetting {
  /** As `--set` takes it. */
  readonly path: string;
  readonly value: unknown;
}

export interface PresetFacts {
  /** Without the method's id. */
  readonly id: string;
  readonly summary: string;
  readonly source: string;
  readonly settings: readonly StatedSetting[];
}

/** A line of the list of methods. */
export interface MethodLine extends Pick<MethodConfig, 'id' | 'name' | 'summary' | 'source'> {
  readonly families: readonly Family[];
}

/** Everything about a method that `--json` prints. */
export interface Explanation extends MethodLine {
  /** The preset that `id@preset` names; its settings are in force below. */
  readonly preset?: Pick<PresetFacts, 'id' | 'summary' | 'source'>;
  readonly parts: readonly { readonly path: string; readonly kind: string; readonly summary: string }[];
  readonly parameters: readonly Parameter[];
  /** Settings that every method has. */
  readonly generation: readonly Parameter[];
  /** What differs for models other than LLaDA-8B-Instruct; empty if a preset is named. */
  readonly models: readonly { readonly id: SettingsId; readonly settings: readonly StatedSetting[] }[];
  /** Empty if a preset is named. */
  readonly presets: readonly PresetFacts[];
  readonly notes: readonly string[];
}

/** All methods of the package, by id. */
export function listedMethods(): MethodLine[] {
  return listMethods().map((id) => {
    const { name, summary, source } = loadMethod(id);
    return { id, name, summary, source, families: familiesOf(id) };
  });
}

/**
 * What is known of a method, with the settings in force.
 *
 * @param reference `id` or `id@preset`
 * @throws UsageError `METHOD_UNKNOWN` or `METHOD_PRESET`
 */
export function explanationOf(reference: string): Explanation {
  const { id, name, summary, source, cache, unmask, notes } = loadMethod(reference);
  const [methodId, presetId] = reference.split('@') as [string, string?];
  const file = loadMethodFile(methodId);
  const named = presetId === undefined ? undefined : file.presets[presetId];
  const generation = generationOptions.parse(presetGeneration(reference));
  return {
    id,
    name,
    summary,
    source,
    families: familiesOf(reference),
    ...(named === undefined
      ? {}
      : { preset: { id: presetId!, summary: named.summary, source: named.source } }),
    parts: [
      {
        path: 'method.cache.policy',
        kind: cache.policy,
        summary: objectSchema(cacheOptions, cache)?.description ?? '',
      },
      {
        path: 'method.unmask.rule',
        kind: unmask.rule,
        summary: objectSchema(unmaskOptions, unmask)?.description ?? '',
      },
    ],
    parameters: [...cacheParameters(cache), ...listParameters(unmaskOptions, unmask, 'method.unmask')],
    generation: listParameters(generationOptions, generation, 'generation'),
    models: named === undefined ? modelsOf(file) : [],
    presets: named === undefined ? presetsOf(file) : [],
    notes,
  };
}

/** A size that `auto` decides is shown as what it will be, not as the number that has no effect. */
function cacheParameters(cache: MethodConfig['cache']): Parameter[] {
  return listParameters(cacheOptions, cache, 'method.cache').map((parameter) => {
    const isAuto = isAutoSize(cache, parameter.path.split('.').at(-1)!);
    return isAuto ? { ...parameter, value: 'genLength / 8 (auto)' } : parameter;
  });
}

/** The families on which the method decodes, on the canvas of the preset or the default one. */
function familiesOf(reference: string): Family[] {
  const generation = resolveGeneration(generationOptions.parse(presetGeneration(reference)));
  return families.filter((family) => {
    try {
      createMethod(loadMethod(reference, family), family, generation);
      return true;
    } catch (error) {
      if (error instanceof UsageError) return false;
      throw error;
    }
  });
}

function modelsOf(file: MethodFile): Explanation['models'] {
  const supported = familiesOf(file.id);
  if (!supported.includes('llada')) return [];
  return settingsSchema.options.flatMap((id) => {
    if (id === 'llada' || !supported.includes(familyOfSettings(id))) return [];
    return [{ id, settings: statedParts(file.models[id]) }];
  });
}

function presetsOf({ presets }: MethodFile): PresetFacts[] {
  return Object.entries(presets).map(([id, preset]) => {
    const { summary, source, generation } = preset;
    const settings = [...statedParts(preset), ...flattened(generation, 'generation')];
    return { id, summary, source, settings };
  });
}

function statedParts(layer: { readonly cache?: unknown; readonly unmask?: unknown } = {}): StatedSetting[] {
  return [...flattened(layer.cache, 'method.cache'), ...flattened(layer.unmask, 'method.unmask')];
}

/** The leaves of a section that states some of its keys. */
function flattened(section: unknown, path: string): StatedSetting[] {
  if (section === undefined) return [];
  if (!isRecord(section)) return [{ path, value: section }];
  return Object.entries(section).flatMap(([key, value]) => flattened(value, `${path}.${key}`));
}
