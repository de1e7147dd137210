import type { ExperimentPlan } from '../../config/experiment-plan.js';
import { groupBy } from '../../group-by.js';
import { sum } from '../../stats/summary.js';
import { repeatsMs } from '../estimate.js';
import { planGroups } from '../plan.js';
import type { ForecastCell } from './forecast.js';
import type { MeasuredGraph } from './measure-graph.js';

/** What a plan of one size takes, one sample after the other. */
export interface PlanTime {
  /** What the command line would say, such as `--quick`. */
  readonly size: string;
  /** Over all cells. */
  readonly samples: number;
  readonly methods: readonly {
    readonly method: string;
    readonly samples: number;
    readonly ms: number;
    readonly atMost: boolean;
  }[];
  /** Every sample of every cell once. */
  readonly decodeMs: number;
  /** Reading and packing weights: once a graph, of a model with one session alive once a graph and benchmark. */
  readonly loadMs: number;
  /** A sample of each method before the clock counts; 0 without timing, and where one session is alive. */
  readonly warmUpMs: number;
  /** Repeats for precise speeds, at most. */
  readonly repeatMs: number;
  /** Whether some method may need fewer passes than was counted. */
  readonly atMost: boolean;
}

/** How sessions are made. */
export interface SessionTimes {
  readonly graphs: readonly Pick<MeasuredGraph, 'graph' | 'startMs'>[];
  /** Whether one is alive at a time. */
  readonly isOne: boolean;
}

/** @param known What a sample of each cell takes. */
export async function planTime(
  size: string,
  plan: ExperimentPlan,
  known: readonly ForecastCell[],
  { graphs, isOne }: SessionTimes,
): Promise<PlanTime> {
  const byId = new Map(known.map((cell) => [cell.id, cell]));
  const cells = (await planGroups(plan)).flatMap((group) =>
    group.cells.flatMap(({ id }) => {
      const cell = byId.get(id);
      return cell === undefined ? [] : [{ ...cell, group }];
    }),
  );
  const labels = [...new Set(cells.map(({ method }) => method))];
  const methods = labels.map((method) => {
    const own = cells.filter((cell) => cell.method === method);
    return {
      method,
      samples: sum(own.map(({ group }) => group.totalSamples)),
      ms: sum(own.map(({ group, sampleMs }) => group.totalSamples * sampleMs)),
      atMost: own.some(({ atMost }) => atMost),
    };
  });
  const startMs = (name: string) => graphs.find(({ graph }) => graph === name)!.startMs;
  const started = groupBy(cells, ({ graph, group }) => (isOne ? `${graph} ${group.benchmark}` : graph));
  const { measure } = plan.points[0].experiment;
  const firstOf = labels.map((method) => cells.find((cell) => cell.method === method)!);
  return {
    size,
    samples: sum(methods.map(({ samples }) => samples)),
    methods,
    decodeMs: sum(methods.map(({ ms }) => ms)),
    loadMs: sum([...started.values()].map(([first]) => startMs(first!.graph))),
    warmUpMs: measure.timing && !isOne ? sum(firstOf.map(({ sampleMs }) => sampleMs)) : 0,
    repeatMs: repeatsMs(cells, measure),
    atMost: methods.some(({ atMost }) => atMost),
  };
}
