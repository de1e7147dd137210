import { InferenceSession } from 'onnxruntime-node';
import { encodeModel, type Graph } from '../formats/onnx/model.js';
import { stepOpsets } from '../graph/step.js';
import type { Clock } from '../measure/clock.js';
import { median } from '../stats/summary.js';
import { readCommandLine } from './command-line.js';
import type { Device } from './device.js';
import type { Feeds } from './ort-session.js';
import { webgpuOptions } from './webgpu/options.js';

/** Where small graphs are timed. */
export interface ProbedDevice {
  readonly device: Device;
  /** Threads of one operator; of no effect on a GPU. */
  readonly threads: number;
}

/**
 * Median wall milliseconds of one run of a graph, over about `budgetMs` and at least three runs; the first run, which
 * compiles, is left out. A run ends when its outputs have been copied to the host.
 */
export async function medianRunMs(
  graph: Graph,
  feeds: Feeds,
  { device, threads }: ProbedDevice,
  clock: Clock,
  budgetMs: number,
): Promise<number> {
  const options: InferenceSession.SessionOptions =
    device === 'webgpu'
      ? webgpuOptions()
      : {
          executionProviders: [device],
          intraOpNumThreads: threads,
          interOpNumThreads: 1,
          logSeverityLevel: 4,
        };
  await readCommandLine();
  const session = await InferenceSession.create(encodeModel({ graph, ...stepOpsets }), options);
  try {
    await session.run(feeds);
    const started = clock();
    const elapsedMs: number[] = [];
    while (elapsedMs.length < 3 || clock() - started < budgetMs) {
      const before = clock();
      await session.run(feeds);
      elapsedMs.push(clock() - before);
    }
    return median(elapsedMs);
  } finally {
    await session.release();
  }
}
