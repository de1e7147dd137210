import type { Ceilings } from '../../engine/ceilings.js';
import type { DeviceFacts } from '../../engine/device.js';
import type { LaunchCosts } from '../../engine/launch-costs.js';
import type { GraphPart } from '../../graph/builder.js';
import type { Saving } from '../../graph/savings.js';
import type { GpuWork, Shares } from './bottleneck.js';
import type { ComposedGeneration } from './composed.js';
import type { GrowthPoint } from './growth.js';
import type { MemoryUse } from './memory-use.js';
import type { PassSummary } from './pass-summary.js';
import type { ThroughputPoint } from './throughput.js';

/** What a pass is made of: the parts of its graph, and what is outside the session's `run`. */
export type BenchPart = GraphPart | 'host';

/** The matrix products of a pass alone, without attention. */
export interface Floor {
  /** Median milliseconds of the bare linears of as many rows as the engine ran. */
  readonly ms: number;
  readonly runs: number;
  /** Rows of the linears and of the head. */
  readonly rows: number;
  readonly headRows: number;
  /** The pass over its bare linears. */
  readonly ratio: number;
  /** Milliseconds of the same products at the speed of those of the method's full pass. */
  readonly idealMs: number;
  /** The pass over that. */
  readonly idealRatio: number;
}

/** Passes of one kind: what they take, where it goes, and what limits it. */
export interface BenchPass extends PassSummary {
  /** Milliseconds of the median pass; they add up to it. Null on a GPU. */
  readonly parts: Readonly<Record<BenchPart, number>> | null;
  /** Null on a GPU. */
  readonly floor: Floor | null;
  readonly shares: Shares;
  readonly bottleneck: string;
}

/** A generation that was decoded to its end. */
export interface WholeGeneration {
  readonly ms: number;
  readonly passes: number;
  /** Matrix products of all passes. */
  readonly flops: number;
  /** The composed time over this one. */
  readonly composedRatio: number;
  /** The products that were counted without the model over those that ran. */
  readonly countedRatio: number;
}

export interface BenchMethod {
  readonly method: string;
  readonly genLength: number;
  readonly blockLength: number;
  readonly passes: readonly BenchPass[];
  /** Whether the parts of each kind of pass were told apart; else both have those of all passes. */
  readonly partsByKind: boolean;
  readonly generation: ComposedGeneration;
  /** Null unless asked for. */
  readonly whole: WholeGeneration | null;
  /** Null on a GPU. */
  readonly memory: MemoryUse | null;
  /** Empty unless asked for. */
  readonly growth: readonly GrowthPoint[];
  /** Null on the processor. */
  readonly gpu: GpuWork | null;
}

/** What `repro bench --json` prints. */
export interface BenchReport {
  readonly schema: 2;
  readonly model: string;
  /** Weights, without those of quantisation. */
  readonly parameters: number;
  readonly device: DeviceFacts;
  readonly engine: Readonly<Record<string, string>>;
  readonly threads: number;
  readonly promptLength: number;
  readonly savings: readonly Saving[];
  readonly ceilings: Ceilings;
  /** Null on the processor. */
  readonly launchCosts: LaunchCosts | null;
  readonly methods: readonly BenchMethod[];
  /** Full passes over several canvases at once; empty where they were not asked for. */
  readonly throughput: readonly ThroughputPoint[];
}
