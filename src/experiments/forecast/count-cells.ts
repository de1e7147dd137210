import { ordinaryToken } from '../../decoding/row-engine.js';
import type { Device } from '../../engine/device.js';
import type { ModelDimensions } from '../../models/types.js';
import { countPasses } from '../passes/count-passes.js';
import type { WatchedSample } from '../passes/watched-passes.js';
import type { PlannedCell, PlannedGroup } from '../plan.js';
import type { PromptLengths } from '../prompt-length.js';

/** What a sample of a cell computes, counted without the model. */
export interface CountedCell {
  readonly group: PlannedGroup;
  readonly cell: PlannedCell;
  /** Mean over prompts. */
  readonly promptTokens: number;
  readonly sample: WatchedSample;
}

/**
 * Counts the passes of a sample of every cell on a canvas of mean prompt length, with the real policies and rules. Where
 * a rule decides how many tokens a pass reveals, the fewest that it allows: an upper bound.
 */
export async function countCells(
  groups: readonly PlannedGroup[],
  dimensions: ModelDimensions,
  prompts: PromptLengths,
  device: Device,
): Promise<CountedCell[]> {
  const token = ordinaryToken(dimensions);
  const known = new Map<string, WatchedSample>();
  const counted: CountedCell[] = [];
  for (const group of groups) {
    const promptTokens = await prompts.of(group);
    for (const cell of group.cells) {
      const { method, generation } = cell;
      // The seed draws another order, of as many rows.
      const key = JSON.stringify([method.cache, method.unmask, { ...generation, seed: '' }, promptTokens]);
      const promptIds = new Int32Array(promptTokens).fill(token);
      const sample =
        known.get(key) ?? (await countPasses({ promptIds, method, generation }, dimensions, device));
      known.set(key, sample);
      counted.push({ group, cell, promptTokens, sample });
    }
  }
  return counted;
}
