import { UsageError } from '../errors.js';
import { findDuplicateKey, isJsonObject } from '../formats/json.js';
import { dreamDimensions, dreamWeights } from './dream.js';
import { lladaDimensions, lladaWeights } from './llada.js';
import type { ModelDimensions, WeightSpec } from './types.js';

/** One model family: how to read its config.json, and which tensors follow from that. */
interface Family {
  dimensions(config: Record<string, unknown>, file: string): ModelDimensions;
  weights(dimensions: ModelDimensions): WeightSpec[];
}

/** By the `model_type` of config.json. */
const families: Readonly<Record<string, Family>> = {
  llada: { dimensions: lladaDimensions, weights: lladaWeights },
  Dream: { dimensions: dreamDimensions, weights: dreamWeights },
};

/** The family that a config.json names, if it names one; what is wrong with the text is for `parseModelConfig`. */
export function familyOf(text: string): ModelDimensions['family'] | undefined {
  const { model_type: type } = looseConfig(text);
  return type === 'llada' ? 'llada' : type === 'Dream' ? 'dream' : undefined;
}

/** The start-of-text id of a config.json, if it gives one. */
export function bosIdOf(text: string): number | undefined {
  const { bos_token_id: id } = looseConfig(text);
  return typeof id === 'number' ? id : undefined;
}

function looseConfig(text: string): Record<string, unknown> {
  try {
    const config: unknown = JSON.parse(text);
    return isJsonObject(config) ? config : {};
  } catch {
    return {};
  }
}

/**
 * Dimensions and needed tensors from the text of a config.json.
 *
 * @param file Name for messages.
 * @throws UsageError if the text is no JSON object, contradicts itself, or describes no supported model.
 */
export function parseModelConfig(
  text: string,
  file = 'config.json',
): { dimensions: ModelDimensions; weights: WeightSpec[] } {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError('MODEL_CONFIG_INVALID', `${file}: not JSON (${reason})`);
  }
  if (!isJsonObject(config)) throw new UsageError('MODEL_CONFIG_INVALID', `${file}: not a JSON object`);
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) {
    throw new UsageError('MODEL_CONFIG_INVALID', `${file}: "${duplicate}" stands there twice`);
  }
  const type = config.model_type;
  const family = typeof type === 'string' && Object.hasOwn(families, type) ? families[type] : undefined;
  if (family === undefined) {
    const what = type === undefined ? 'is missing' : `is ${JSON.stringify(type)}`;
    throw new UsageError(
      'MODEL_FAMILY_UNSUPPORTED',
      `${file}: "model_type" ${what}; supported: ${Object.keys(families).join(', ')}`,
    );
  }
  const dimensions = family.dimensions(config, file);
  return { dimensions, weights: family.weights(dimensions) };
}
