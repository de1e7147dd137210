import { UsageError } from '../errors.js';
import { didYouMean } from '../suggest.js';
import type { ExperimentFile } from './experiment.js';

/** The rows of a table, under the headings of their groups. */
export type MethodGroups = readonly { readonly name: string; readonly methods: readonly string[] }[];

/**
 * The rows that run: those of the file or, in its groups and order, those that `--methods` names; what it names
 * beyond the file makes a group of its own.
 *
 * @throws UsageError `EXPERIMENT_METHODS` for an empty list.
 */
export function chooseMethods(groups: MethodGroups, wanted: readonly string[] | undefined): MethodGroups {
  if (wanted === undefined) return groups;
  if (wanted.length === 0) {
    throw new UsageError(
      'EXPERIMENT_METHODS',
      '--methods: name one method at least; repro explain lists them.',
    );
  }
  const listed = groups.flatMap(({ methods }) => methods);
  const others = [...new Set(wanted)].filter((id) => !listed.includes(id));
  return [
    ...groups.map(({ name, methods }) => ({ name, methods: methods.filter((id) => wanted.includes(id)) })),
    { name: 'Others', methods: others },
  ].filter(({ methods }) => methods.length > 0);
}

/** @throws UsageError `EXPERIMENT_BENCHMARK` for one that the experiment does not have. */
export function chooseBenchmarks({ id, benchmarks }: ExperimentFile, wanted?: readonly string[]): string[] {
  if (wanted === undefined) return [...benchmarks];
  const unknown = wanted.find((name) => !benchmarks.includes(name));
  if (unknown !== undefined || wanted.length === 0) {
    throw new UsageError(
      'EXPERIMENT_BENCHMARK',
      `--benchmarks: ${id} has no benchmark "${unknown ?? ''}"; it has ${benchmarks.join(', ')}.` +
        didYouMean(unknown ?? '', benchmarks),
    );
  }
  return benchmarks.filter((name) => wanted.includes(name));
}
