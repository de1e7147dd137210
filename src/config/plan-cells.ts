import { canonicalSha256 } from './canonical.js';
import type { ExperimentPlan, ExperimentPoint } from './experiment-plan.js';
import { cellSha256, experimentSha256 } from './resolve-experiment.js';

/** A method on a benchmark at the first point that has it so. */
export interface PlanCell {
  readonly point: ExperimentPoint;
  readonly benchmark: string;
  readonly method: string;
}

/**
 * The cells of a plan, each once: where points differ in what a method does not have (the baseline in a sweep of
 * budgets), they share its cell.
 */
export function planCells(plan: ExperimentPlan): PlanCell[] {
  const cells = new Map<string, PlanCell>();
  for (const point of plan.points) {
    const { benchmarks, methods, model } = point.experiment;
    for (const benchmark of benchmarks) {
      for (const method of Object.keys(methods)) {
        const key = canonicalSha256([model.dir, method, cellSha256(point.experiment, benchmark, method)]);
        if (!cells.has(key)) cells.set(key, { point, benchmark, method });
      }
    }
  }
  return [...cells.values()];
}

/** Hex sha256 of everything that decides the numbers of a plan; without a sweep that of its experiment. */
export function planSha256({ points }: ExperimentPlan): string {
  const [{ params, experiment }] = points;
  if (points.length === 1 && Object.keys(params).length === 0) return experimentSha256(experiment);
  return canonicalSha256(
    points.map((point) => ({ params: point.params, sha256: experimentSha256(point.experiment) })),
  );
}
