import { batchedModel } from '../graph/batched.js';
import type { Checkpoint } from '../models/checkpoint.js';
import { graphModelOf } from './graph-model.js';
import type { Feeds } from './ort-session.js';
import { plainSession } from './plain-session.js';
import { ropeFeeds } from './sample-constants.js';
import { int32, int64 } from './tensors.js';
import type { StepResult } from './types.js';

/** Full passes over several canvases at once. */
export interface BatchedPasses {
  /**
   * @param canvases Of one length, at least one.
   * @param headRows Positions that are predicted on each, at least one.
   * @returns of each canvas the predictions of these rows.
   */
  run(
    canvases: readonly Int32Array[],
    headRows: Int32Array,
  ): Promise<Pick<StepResult, 'best' | 'p1' | 'p2'>[]>;
  close(): Promise<void>;
}

/**
 * Opens a model for passes over several canvases, in the calling thread. What a pass of `vanilla` computes, and nothing
 * left out but head rows. It packs weights of its own, so it takes the memory of a session.
 */
export async function openBatched(checkpoint: Checkpoint, threads: number): Promise<BatchedPasses> {
  const model = graphModelOf(checkpoint);
  const { weightsDir } = checkpoint;
  const session = await plainSession(batchedModel(model), { weightsDir, threads });
  let constants: { readonly length: number; readonly rope: Feeds } | undefined;
  return {
    async run(canvases, headRows) {
      const [{ length }] = canvases as readonly [Int32Array];
      const count = canvases.length;
      const ids = new Int32Array(count * length);
      for (const [i, canvas] of canvases.entries()) ids.set(canvas, i * length);
      // A pass is timed, and its tables are those of the pass before.
      if (constants?.length !== length) constants = { length, rope: ropeFeeds(model, length) };
      const all = canvases.flatMap((_, i) => Array.from(headRows, (row) => i * length + row));
      const out = await session.run({
        ids: int32(ids),
        positions: int64(
          ids.map((_, i) => i % length),
          [1, ids.length],
        ),
        head_rows: int32(Int32Array.from(all)),
        canvases: int64(Int32Array.of(count)),
        ...constants.rope,
      });
      const of = <T extends Int32Array | Float64Array>(values: unknown, i: number): T =>
        (values as T).slice(i * headRows.length, (i + 1) * headRows.length) as T;
      return canvases.map((_, i) => ({
        best: of<Int32Array>(out.best!.data, i),
        p1: of<Float64Array>(out.p1!.data, i),
        p2: of<Float64Array>(out.p2!.data, i),
      }));
    },
    close: () => session.release(),
  };
}
