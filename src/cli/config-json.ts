import type { PlanEstimate } from '../experiments/estimate.js';

/** An estimate as `repro config --json` prints it: by cell, without the plan that it is about. */
export function estimateJson(estimate: PlanEstimate): Record<string, unknown> {
  const { flopsPerSecond, decodeMs, repeatMs, atMost, cells } = estimate;
  return {
    ...{ flopsPerSecond, decodeMs, repeatMs, atMost },
    cells: cells.map(({ group, cell, passes, flops, exactPasses, sampleMs }) => ({
      id: cell.id,
      benchmark: group.benchmark,
      method: cell.label,
      samples: group.totalSamples,
      ...{ passes, flops, exactPasses, sampleMs },
    })),
  };
}
