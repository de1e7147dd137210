import { ordinaryToken, RowEngine } from '../../decoding/row-engine.js';
import type { ModelDimensions } from '../../models/types.js';
import { type WatchedCase, type WatchedSample, watchPasses } from './watched-passes.js';

/**
 * The passes of a sample without the model: the real loop, policy and rule, with as few tokens a pass and as many rows as
 * they allow. Its times are 0.
 *
 * @param device The one whose savings are counted.
 */
export function countPasses(
  sample: WatchedCase,
  dimensions: ModelDimensions,
  device: string,
): Promise<WatchedSample> {
  const engine = new RowEngine(dimensions.layers, ordinaryToken(dimensions), device);
  return watchPasses(engine, dimensions, sample, () => 0);
}
