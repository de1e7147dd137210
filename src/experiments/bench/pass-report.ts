import type { Ceilings } from '../../engine/ceilings.js';
import type { LaunchCosts } from '../../engine/launch-costs.js';
import { graphParts } from '../../graph/builder.js';
import { flops } from '../../measure/flops.js';
import type { ModelDimensions } from '../../models/types.js';
import { median } from '../../stats/summary.js';
import type { BenchPart, BenchPass, Floor } from './bench-report.js';
import { bottleneckOf, type GpuWork, sharesOf } from './bottleneck.js';
import type { PartShares, ProfiledParts } from './part-shares.js';
import { type PassSummary, summarisePasses } from './pass-summary.js';
import type { FloorTimes, MethodTimes } from './time-methods.js';

/** What the times of a method are seen beside. */
export interface PassContext {
  readonly dimensions: ModelDimensions;
  readonly precision: Ceilings['precision'];
  readonly ceilings: Ceilings;
  readonly launchCosts: LaunchCosts | null;
  readonly gpu: GpuWork | null;
  /** Undefined on a GPU. */
  readonly profile: ProfiledParts | undefined;
}

/** Both kinds of passes of a method, as far as it has them. */
export function benchPasses({ passes, floors }: MethodTimes, context: PassContext): BenchPass[] {
  const { dimensions, precision, ceilings, launchCosts, gpu, profile } = context;
  const work = gpu === null || launchCosts === null ? null : { work: gpu, costs: launchCosts };
  return summarisePasses(passes, dimensions, precision).map((summary): BenchPass => {
    const shares = sharesOf(summary, ceilings, work);
    const own = profile?.byKind.get(summary.kind);
    const [floor, full] = [floors.get(summary.kind), floors.get('full')];
    return {
      ...summary,
      parts: own === undefined ? null : partsOf(summary, own),
      floor: floor === undefined || full === undefined ? null : floorOf(summary, floor, full, dimensions),
      shares,
      bottleneck: bottleneckOf(shares),
    };
  });
}

/** The median pass divided: what is outside of `run`, and the rest by the shares of the profile. */
function partsOf({ medianMs, outsideMs }: PassSummary, shares: PartShares): Record<BenchPart, number> {
  const parts = graphParts.map((part) => [part, shares[part] * (medianMs - outsideMs)] as const);
  return { ...Object.fromEntries(parts), host: outsideMs } as Record<BenchPart, number>;
}

function floorOf(
  { medianMs }: PassSummary,
  own: FloorTimes,
  full: FloorTimes,
  dimensions: ModelDimensions,
): Floor {
  const ms = median(own.times);
  const products = ({ rows, headRows }: FloorTimes) =>
    flops(dimensions, { length: 0, layerRows: rows * dimensions.layers, valueOnlyRows: 0, headRows });
  const idealMs = median(full.times) * (products(own) / products(full));
  return {
    ...{ ms, runs: own.times.length, rows: own.rows, headRows: own.headRows },
    ratio: medianMs / ms,
    idealMs,
    idealRatio: medianMs / idealMs,
  };
}
