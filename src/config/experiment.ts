import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import { didYouMean } from '../suggest.js';
import { composeExperiment } from './compose.js';
import type { EngineOptions } from './engine-options.js';
import type { MethodGroups } from './experiment-choice.js';
import { listExperimentFiles, readLayers } from './experiment-file.js';
import type { ExperimentLayer } from './experiment-schema.js';
import type { MeasureOptions } from './measure-options.js';
import type { SettingsId } from './method.js';
import type { Override } from './overrides.js';

export type GenerationLayer = NonNullable<ExperimentLayer['generation']>;

/** A method that an experiment file defines by laying settings over another; the settings are `overrides`. */
export interface MethodDefinition {
  /** `id` or `id@preset`. */
  readonly use: string;
  readonly name?: string | undefined;
}

/**
 * A complete experiment: which methods meet which benchmarks, and how the result is laid out. What the file and
 * those that it extends leave out is filled in, and all names are known to lead somewhere.
 */
export interface ExperimentFile {
  readonly id: string;
  readonly title: string;
  readonly layout: NonNullable<ExperimentLayer['layout']>;
  /** What a grid shows. */
  readonly show?: ExperimentLayer['show'];
  /** Id or folder. */
  readonly model: string;
  readonly profile: string;
  /** Name of the task files' lengths, or one by benchmark; their usual ones unless told. */
  readonly lengths?: ExperimentLayer['lengths'];
  readonly seed: number;
  readonly limit: number | null;
  readonly settings?: SettingsId | undefined;
  readonly groups: MethodGroups;
  readonly baseline: string;
  readonly benchmarks: readonly string[];
  readonly average: readonly string[];
  readonly generation?: GenerationLayer | undefined;
  readonly perBenchmark: Readonly<Record<string, GenerationLayer>>;
  readonly measure: MeasureOptions;
  readonly engine: EngineOptions;
  /** Samples per benchmark with --quick. */
  readonly quick: number;
  readonly paper?: string | undefined;
  /** The methods of `groups` that the file defines itself, by their labels. */
  readonly definitions: Readonly<Record<string, MethodDefinition>>;
  /** Settings of the definitions, then those of `overrides`. */
  readonly overrides: readonly Override[];
}

/** The name of a benchmark's lengths; undefined for the usual ones. */
export function lengthsOf(lengths: ExperimentLayer['lengths'], benchmark: string): string | undefined {
  return typeof lengths === 'string' ? lengths : lengths?.[benchmark];
}

/** Ids of the experiments that have a file in the package. */
export function listExperiments(root: string = packageRoot): string[] {
  return listExperimentFiles('experiments', root);
}

/**
 * Reads an experiment of the package by its id.
 *
 * @throws UsageError `EXPERIMENT_UNKNOWN`, or what `readExperiment` throws.
 */
export function loadExperiment(id: string, root: string = packageRoot): ExperimentFile {
  const known = listExperiments(root);
  if (!known.includes(id)) {
    throw new UsageError(
      'EXPERIMENT_UNKNOWN',
      `there is no experiment "${id}"; there are ${known.join(', ')}.${didYouMean(id, known)}`,
    );
  }
  return readExperiment(join(root, 'configs', 'experiments', `${id}.yaml`), root);
}

/**
 * Reads any experiment file without its sweep, and checks that what it names exists.
 *
 * @throws UsageError as `readYaml`; names that lead nowhere are reported with their line and column.
 */
export function readExperiment(path: string, root: string = packageRoot): ExperimentFile {
  return composeExperiment(readLayers(path, root), root);
}
