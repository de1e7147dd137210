import type { Ceilings } from '../../engine/ceilings.js';
import type { LaunchCosts } from '../../engine/launch-costs.js';
import type { PassSummary } from './pass-summary.js';

/** What the passes of a method do on a GPU, by onnxruntime's profile. */
export interface GpuWork {
  /** Profiled passes, full and partial ones. */
  readonly passes: number;
  /** Kernels of a pass, mean over the profiled passes. */
  readonly kernels: number;
  /** Milliseconds of a pass inside kernels by the GPU's own time; null where the adapter has no timestamps. */
  readonly kernelMs: number | null;
}

/** Shares of the median pass, each between 0 and about 1; they overlap and need not add up to 1. */
export interface Shares {
  /** Time that the products would take at the measured ceiling. */
  readonly arithmetic: number;
  /** Time that the least reading would take at the measured bandwidth. */
  readonly bandwidth: number;
  /** Outside the session's `run`. */
  readonly outside: number;
  /** Kernels times the measured cost of one tiny kernel; null on the processor. */
  readonly dispatch: number | null;
  /** The one read-back of a pass at the measured cost of a round trip; null on the processor. */
  readonly synchronisation: number | null;
}

export function sharesOf(
  pass: PassSummary,
  ceilings: Ceilings,
  gpu: { readonly work: GpuWork; readonly costs: LaunchCosts } | null,
): Shares {
  const runShare = (pass.medianMs - pass.outsideMs) / pass.medianMs;
  return {
    arithmetic: (pass.flopsPerSecond / ceilings.productFlopsPerSecond) * runShare,
    bandwidth: (pass.bytesPerSecond / ceilings.bandwidthBytesPerSecond) * runShare,
    outside: pass.outsideMs / pass.medianMs,
    dispatch: gpu === null ? null : (gpu.work.kernels * gpu.costs.dispatchUs) / 1000 / pass.medianMs,
    synchronisation: gpu === null ? null : gpu.costs.synchronisationMs / pass.medianMs,
  };
}

const words = {
  arithmetic: 'matrix products at the measured ceiling',
  bandwidth: 'reading weights, K and V at the measured bandwidth',
  outside: 'work outside the session',
  dispatch: 'starting kernels',
  synchronisation: 'the read-back',
} as const;

/** The largest share in words; it says so where none of them explains half of the pass. */
export function bottleneckOf(shares: Shares): string {
  const names = Object.keys(words) as (keyof Shares)[];
  const largest = names.reduce((a, b) => ((shares[b] ?? 0) > (shares[a] ?? 0) ? b : a));
  const share = shares[largest] ?? 0;
  const percent = `${Math.round(100 * share)} %`;
  return share >= 0.5
    ? `mostly ${words[largest]} (${percent})`
    : `nothing measured here explains half of it; most is ${words[largest]} (${percent})`;
}
