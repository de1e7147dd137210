import { readOrtEvents } from './ort-trace.js';

/** Microseconds of the nodes of one run of a session, by the first component of their names: `linears/Gemm_3`. */
export type NodeTimes = ReadonlyMap<string, number>;

interface TimedEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds since the start of the session. */
  readonly ts: number;
  /** Microseconds. */
  readonly dur: number;
}

const nodeEnding = '_kernel_time';

/**
 * Every run in a profiling trace of onnxruntime 1.30, in their order. What its optimiser makes of several nodes keeps the
 * component: it appends to the name of one of them.
 * @throws Error if the trace may have been cut.
 */
export function readNodeTimes(text: string): NodeTimes[] {
  const events = readOrtEvents<TimedEvent>(text);
  const runs = events
    .filter(({ cat, name }) => cat === 'Session' && name === 'model_run')
    .map(({ ts, dur }) => ({ from: ts, to: ts + dur, times: new Map<string, number>() }))
    .sort((a, b) => a.from - b.from);
  for (const { cat, name, ts, dur } of events) {
    if (cat !== 'Node' || !name.endsWith(nodeEnding)) continue;
    const run = runs.find(({ from, to }) => ts >= from && ts <= to);
    if (run === undefined) throw new Error(`the node ${name} of a trace is in no run`);
    const part = name.split('/', 1)[0]!;
    run.times.set(part, (run.times.get(part) ?? 0) + dur);
  }
  return runs.map(({ times }) => times);
}
