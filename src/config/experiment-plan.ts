import type { DataSource } from '../tasks/data/source.js';
import type { Json } from './canonical.js';
import type { ResolvedExperiment } from './resolve-experiment.js';

/** One setting of everything: an experiment, with the parameters that tell it from the other points of a sweep. */
export interface ExperimentPoint {
  /** Swept values by path (`method.cache.layerBudget`), in the order of the file; empty without a sweep. */
  readonly params: Readonly<Record<string, Json>>;
  readonly experiment: ResolvedExperiment;
}

/** What a file or a command asks for: one experiment, or the points of a sweep. */
export interface ExperimentPlan {
  readonly id: string;
  readonly title: string;
  readonly points: readonly [ExperimentPoint, ...ExperimentPoint[]];
  /** Where data sets are; what is in them, not where, decides numbers. */
  readonly data?: DataSource;
}

/** A title with the name of the device that it asks for by `{device}`. */
export function titleOn(title: string, device: string): string {
  return title.replaceAll('{device}', device);
}

/** The plan of an experiment without a sweep. */
export function singlePoint(experiment: ResolvedExperiment): ExperimentPlan {
  return { id: experiment.id, title: experiment.title, points: [{ params: {}, experiment }] };
}

/** Whether a plan sweeps something; else it is one experiment. */
export function isSweep({
  points,
}: {
  readonly points: readonly Pick<ExperimentPoint, 'params'>[];
}): boolean {
  return points.some(({ params }) => Object.keys(params).length > 0);
}

/**
 * What a method is called in tables and CSV files: its id, and in a sweep the parameters of the point in
 * brackets, as in `dynamic-dllm[generation.genLength=64,method.cache.layerBudget=16]`.
 */
export function methodLabel(id: string, params: ExperimentPoint['params']): string {
  const parts = Object.entries(params).map(([path, value]) => `${path}=${value}`);
  return parts.length === 0 ? id : `${id}[${parts.join(',')}]`;
}

/** The id that `methodLabel` made a label of. */
export function methodOfLabel(label: string): string {
  const [id] = label.split('[');
  return id!;
}
