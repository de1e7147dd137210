/** What one run of a session did on the GPU. */
export interface GpuRun {
  /** Kernels, or nodes where the adapter has no timestamps and kernels are not recorded. */
  readonly kernels: number;
  /** Sum of the kernels' own durations; undefined where the adapter has no timestamps. */
  readonly kernelMs: number | undefined;
}

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds since the profile began. */
  readonly ts: number;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly provider?: string };
}

/**
 * The runs in a profiling trace of onnxruntime 1.30 on WebGPU, in their order: it has one event `Api` a kernel, with
 * the GPU's own time stamps, beside one event a node.
 */
export function readGpuRuns(text: string): GpuRun[] {
  const events = JSON.parse(text) as TraceEvent[];
  const starts = events
    .filter(({ cat, name }) => cat === 'Session' && name === 'model_run')
    .map(({ ts }) => ts)
    .sort((a, b) => a - b);
  const kernels = byRun(
    events.filter(({ cat }) => cat === 'Api'),
    starts,
  );
  const nodes = byRun(
    events.filter(({ cat, args }) => cat === 'Node' && args?.provider === 'WebGpuExecutionProvider'),
    starts,
  );
  return starts.map((_, run) => {
    const own = kernels[run]!;
    if (own.length === 0) return { kernels: nodes[run]!.length, kernelMs: undefined };
    return { kernels: own.length, kernelMs: own.reduce((sum, { dur }) => sum + dur, 0) / 1000 };
  });
}

/** Each event belongs to the last run that began before it. */
function byRun(events: readonly TraceEvent[], starts: readonly number[]): TraceEvent[][] {
  const runs: TraceEvent[][] = starts.map(() => []);
  for (const event of events) runs[starts.findLastIndex((start) => start <= event.ts)]?.push(event);
  return runs;
}
