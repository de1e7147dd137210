import type { Device } from '../engine/device.js';
import { UsageError } from '../errors.js';
import type { LongCanvases } from '../results/manifest.js';
import { plainPrompt } from '../tasks/messages.js';
import type { Sample } from '../tasks/samples.js';
import { type OpenModel, promptIds } from './loaded-model.js';
import type { PlannedGroup } from './plan.js';

/**
 * Looks, before anything is decoded, for canvases that are longer than a model was made for. Rotary positions go on
 * without an end, so a processor decodes them, as the models' own code does; what a model says out there means
 * little, and that is told. The graphs of a GPU are built for the model's own length.
 *
 * @throws UsageError `CANVAS_TOO_LONG` where a GPU can decode no sample of a benchmark.
 */
export function findLongCanvases(
  groups: readonly PlannedGroup[],
  models: readonly OpenModel[],
  device: Device,
): LongCanvases[] {
  const found: LongCanvases[] = [];
  for (const group of groups) {
    if (group.samples.length === 0) continue;
    const model = models.find(({ config }) => config.dir === group.model.dir)!;
    const room = model.checkpoint.dimensions.maxSequenceLength;
    const longest = group.cells.reduce((a, b) => (b.generation.genLength > a.generation.genLength ? b : a));
    const { genLength } = longest.generation;
    const tokensOf = ({ parts }: Sample) => promptIds(model, parts, group.task.spec).length;
    // To tokenise all prompts of MMLU takes minutes, and mostly the longest ones fit.
    if (longestTexts(group.samples).every((sample) => tokensOf(sample) + genLength <= room)) continue;
    const prompts = group.samples.map(tokensOf);
    const long = prompts.filter((length) => length + genLength > room);
    if (long.length === 0) continue;
    if (device !== 'cpu' && long.length === prompts.length)
      throw tooLong(longest.id, prompts, genLength, room, device);
    found.push({
      model: group.model.id,
      benchmark: group.benchmark,
      samples: long.length,
      of: prompts.length,
      longestTokens: Math.max(...long) + genLength,
      maxSequenceLength: room,
    });
  }
  return found;
}

/** The samples with the most text: more of them than the ratio of text to tokens varies. */
function longestTexts(samples: readonly Sample[]): Sample[] {
  const sized = samples.map((sample) => ({ sample, size: plainPrompt(sample.parts).length }));
  return sized
    .sort((a, b) => b.size - a.size)
    .slice(0, 32)
    .map(({ sample }) => sample);
}

function tooLong(
  cell: string,
  prompts: readonly number[],
  genLength: number,
  room: number,
  device: Device,
): UsageError {
  const shortest = Math.min(...prompts);
  const most = room - shortest;
  return new UsageError(
    'CANVAS_TOO_LONG',
    `${cell}: a response of ${genLength} tokens and the shortest prompt (${shortest}) exceed the ${room} tokens that ` +
      `the graphs for ${device} are built for; ${most > 0 ? `set generation.genLength to ${most} or less, or ` : ''}use --device cpu.`,
  );
}
