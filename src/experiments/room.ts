import { UsageError } from '../errors.js';
import { type OpenModel, promptIds } from './loaded-model.js';
import type { PlannedGroup } from './plan.js';

/**
 * Refuses, before anything is decoded, a response that leaves no room for any prompt of its benchmark. Where only
 * some prompts are too long, their samples fail one by one.
 *
 * @throws UsageError `CANVAS_TOO_LONG`
 */
export function refuseCanvasesTooLong(groups: readonly PlannedGroup[], models: readonly OpenModel[]): void {
  for (const group of groups) {
    const model = models.find(({ config }) => config.dir === group.model.dir)!;
    const room = model.checkpoint.dimensions.maxSequenceLength;
    const longest = group.cells.reduce((a, b) => (b.generation.genLength > a.generation.genLength ? b : a));
    const { genLength } = longest.generation;
    let shortest = Number.POSITIVE_INFINITY;
    for (const { parts } of group.samples) {
      shortest = Math.min(shortest, promptIds(model, parts, group.task.spec).length);
      if (shortest + genLength <= room) break;
    }
    if (group.samples.length === 0 || shortest + genLength <= room) continue;
    const most = room - shortest;
    throw new UsageError(
      'CANVAS_TOO_LONG',
      `${longest.id}: a response of ${genLength} tokens and the shortest prompt (${shortest}) exceed the ${room} ` +
        `tokens of model ${group.model.id}; ${most > 0 ? `set generation.genLength to ${most} or less` : 'leave this benchmark out'}.`,
    );
  }
}
