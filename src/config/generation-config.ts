import { z } from 'zod';
import { cacheOptions } from '../caching/registry.js';
import { unmaskOptions } from '../decoding/rules/registry.js';
import { type Generation, generationOptions, resolveGeneration } from '../decoding/settings.js';
import { packageRoot } from '../paths.js';
import { loadMethod, type MethodConfig, presetGeneration } from './method.js';
import { settleAutoSizes } from './method-auto.js';
import { inHalf, type ModelConfig, resolveModel } from './model.js';
import { applyOverrides, type Override } from './overrides.js';

/** What `--set` may change of a single generation. */
export const generationConfigSettings = z.strictObject({
  method: z.strictObject({ cache: cacheOptions, unmask: unmaskOptions }),
  generation: generationOptions,
});

/** Everything that decides the output of one prompt: the resolved config of `repro generate`. */
export interface GenerationConfig {
  readonly model: ModelConfig;
  readonly method: MethodConfig;
  readonly generation: Generation;
}

/**
 * The config of one generation: the method as the model or a preset has it, the preset's canvas or the defaults,
 * and the overrides over both.
 *
 * @throws UsageError for an unknown model, method or setting, and for blocks or steps that do not divide.
 */
export function resolveGenerationConfig(
  choice: {
    readonly model: string;
    /** Compute in half precision. */
    readonly half?: boolean;
    readonly method: string;
    readonly overrides: readonly Override[];
  },
  root: string = packageRoot,
): GenerationConfig {
  const stored = resolveModel(choice.model, root);
  const model = choice.half === true ? inHalf(stored) : stored;
  const method = loadMethod(choice.method, model.settings, root);
  const { cache, unmask } = method;
  const generationStart = generationOptions.parse(presetGeneration(choice.method, root));
  const start = { method: { cache, unmask }, generation: generationStart };
  const settings = applyOverrides(generationConfigSettings, start, choice.overrides);
  const generation = resolveGeneration(settings.generation);
  const stated = keysBelow(['method', 'cache'], choice.overrides);
  const settled = settleAutoSizes(settings.method.cache, stated, generation.genLength);
  return {
    model,
    method: { ...method, cache: settled, unmask: settings.method.unmask },
    generation,
  };
}

/** The keys directly below a section that overrides have set. */
export function keysBelow(section: readonly string[], overrides: readonly Override[]): string[] {
  return overrides
    .map(({ path }) => path)
    .filter((path) => path.length === section.length + 1 && section.every((part, i) => part === path[i]))
    .map((path) => path.at(-1)!);
}
