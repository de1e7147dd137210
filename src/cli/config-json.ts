import type { PlanEstimate } from '../experiments/estimate.js';

/** An estimate as `repro config --json` prints it: by cell, without the plan that it is about. */
export function estimateJson(estimate: PlanEstimate): Record<string, unknown> {
  const { flopsPerSecond, decodeMs, repeatMs, atMost, cells } = estimate;
  return {
    ...{ flopsPerSecond, decodeMs, repeatMs, atMost },
    cells: cells.map(({ cell, samples, passes, flops, exactPasses, sampleMs }) => ({
      params: cell.point.params,
      benchmark: cell.benchmark,
      method: cell.method,
      ...{ samples, passes, flops, exactPasses, sampleMs },
    })),
  };
}
