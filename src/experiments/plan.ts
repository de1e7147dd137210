import { generationOf, type ResolvedExperiment } from '../config/resolve-experiment.js';
import type { Generation } from '../decoding/settings.js';
import type { Sample } from '../tasks/samples.js';
import { selectSamples } from '../tasks/select.js';
import { loadTask, type Task } from '../tasks/task.js';

/** One benchmark of an experiment, ready to be run. */
export interface PlannedBenchmark {
  readonly id: string;
  readonly task: Task;
  readonly samples: readonly Sample[];
  readonly generation: Generation;
}

/** One decoding to do: a sample of a cell. */
export interface PlannedSample {
  readonly benchmark: PlannedBenchmark;
  readonly method: string;
  readonly sample: Sample;
}

/** Id of the cell of a method on a benchmark. */
export function cellId(benchmark: string, method: string): string {
  return `${benchmark}/${method}`;
}

/** @throws UsageError for damaged data. */
export function planBenchmarks(experiment: ResolvedExperiment): PlannedBenchmark[] {
  return experiment.benchmarks.map((id) => {
    const task = loadTask(id, experiment.profile);
    const samples = selectSamples(task.samples(), experiment.limit ?? undefined, experiment.seed);
    return { id, task, samples, generation: generationOf(experiment, id) };
  });
}

/**
 * The order of work: sample by sample, and for each sample all methods, starting with another one each time,
 * so that drift of the machine and the place in the row hit all methods alike.
 */
export function* interleaved(
  benchmarks: readonly PlannedBenchmark[],
  methods: readonly string[],
): Generator<PlannedSample> {
  for (const benchmark of benchmarks) {
    for (const [i, sample] of benchmark.samples.entries()) {
      for (const m of methods.keys()) {
        yield { benchmark, sample, method: methods[(i + m) % methods.length]! };
      }
    }
  }
}
