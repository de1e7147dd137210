import type { WeightRole } from '../types.js';

/** What the linear layers of a converted checkpoint are stored in. */
export const quantisedPrecisions = ['int8', 'int4'] as const;
export type QuantisedPrecision = (typeof quantisedPrecisions)[number];

/** Weights that share one scale in int4, along the input. */
export const GROUP_SIZE = 32;

/** Roles of the linear layers, which are quantised; embedding, norms and biases stay as they are. */
export const linearRoles: readonly WeightRole[] = ['q', 'k', 'v', 'attnOut', 'gate', 'up', 'down', 'head'];

/** Names of the two tensors that a linear weight becomes. */
export function quantisedNames(
  name: string,
  precision: QuantisedPrecision,
): { readonly values: string; readonly scales: string } {
  return { values: `${name}.${precision}`, scales: `${name}.${precision}_scale` };
}

/**
 * Shapes of the two tensors of a weight `[out, in]`. int8: values `[in, out]`, a scale for each output; int4: two
 * values a byte, `[out, in / 32, 16]`, a scale for each group of 32 inputs.
 */
export function quantisedShapes(
  [out, inner]: readonly [number, number],
  precision: QuantisedPrecision,
): { readonly values: readonly number[]; readonly scales: readonly number[] } {
  if (precision === 'int8') return { values: [inner, out], scales: [out] };
  const groups = inner / GROUP_SIZE;
  return { values: [out, groups, GROUP_SIZE / 2], scales: [out, groups] };
}
