import type { Device } from '../engine/device.js';
import { UsageError } from '../errors.js';
import { contextLength } from '../models/context.js';
import type { LongCanvases } from '../results/manifest.js';
import { plainPrompt } from '../tasks/messages.js';
import type { Sample } from '../tasks/samples.js';
import { type OpenModel, promptIds } from './loaded-model.js';
import type { PlannedCell, PlannedGroup } from './plan.js';
import { lengthFault, maxCanvas } from './prompt-fit.js';

/**
 * Looks, before anything is decoded, for canvases that are longer than a model was made for. Samples of cells that
 * refuse them will fail, those of others be decoded (`generation.longCanvas`); either is told.
 *
 * @throws UsageError `CANVAS_TOO_LONG` where no sample of any cell fits.
 */
export function findLongCanvases(
  groups: readonly PlannedGroup[],
  models: readonly OpenModel[],
  device: Device,
): LongCanvases[] {
  const found: LongCanvases[] = [];
  let [fitting, reason]: [boolean, string | undefined] = [false, undefined];
  for (const group of groups) {
    if (group.samples.length === 0) continue;
    const model = models.find(({ config }) => config.dir === group.model.dir)!;
    const { dimensions } = model.checkpoint;
    const prompts = longPrompts(group, model);
    if (prompts === undefined) {
      fitting = true;
      continue;
    }
    const shortest = Math.min(...prompts);
    for (const { id, generation } of group.cells) {
      const fault = lengthFault(shortest, generation, dimensions, device);
      if (fault === undefined) fitting = true;
      else reason ??= `${id}, its shortest sample: ${fault}.`;
    }
    const refuses = ({ generation }: PlannedCell) =>
      maxCanvas(dimensions, generation, device) === contextLength(dimensions);
    const parts = [
      { cells: group.cells.filter(refuses), refused: true },
      { cells: group.cells.filter((cell) => !refuses(cell)), refused: false },
    ];
    for (const { cells, refused } of parts) {
      const genLength = Math.max(0, ...cells.map(({ generation }) => generation.genLength));
      const room = contextLength(dimensions);
      const long = cells.length === 0 ? [] : prompts.filter((length) => length + genLength > room);
      if (long.length === 0) continue;
      found.push({
        model: group.model.id,
        benchmark: group.benchmark,
        samples: long.length,
        of: prompts.length,
        longestTokens: Math.max(...long) + genLength,
        maxSequenceLength: room,
        refused,
      });
    }
  }
  if (!fitting && reason !== undefined) throw new UsageError('CANVAS_TOO_LONG', `no sample fits: ${reason}`);
  return found;
}

/** Lengths of all prompts of a group, in tokens; undefined where every one leaves room for its response. */
function longPrompts(group: PlannedGroup, model: OpenModel): number[] | undefined {
  const room = contextLength(model.checkpoint.dimensions);
  const genLength = Math.max(...group.cells.map(({ generation }) => generation.genLength));
  const tokensOf = ({ parts }: Sample) => promptIds(model, parts, group.task.spec).length;
  // To tokenise all prompts of MMLU takes minutes, and mostly the longest ones fit.
  if (longestTexts(group.samples).every((sample) => tokensOf(sample) + genLength <= room)) return undefined;
  const prompts = group.samples.map(tokensOf);
  return prompts.some((length) => length + genLength > room) ? prompts : undefined;
}

/** The samples with the most text: more of them than the ratio of text to tokens varies. */
function longestTexts(samples: readonly Sample[]): Sample[] {
  const sized = samples.map((sample) => ({ sample, size: plainPrompt(sample.parts).length }));
  return sized
    .sort((a, b) => b.size - a.size)
    .slice(0, 32)
    .map(({ sample }) => sample);
}
