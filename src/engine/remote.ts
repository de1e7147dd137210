import { Worker } from 'node:worker_threads';
import { UsageError } from '../errors.js';
import type { WorkerCall, WorkerData, WorkerReply } from './protocol.js';
import {
  EngineLostError,
  type SampleSetup,
  type StepEngine,
  type StepRequest,
  type StepResult,
} from './types.js';

interface Waiting {
  resolve(reply: WorkerReply): void;
  reject(error: Error): void;
}

/**
 * A `LocalEngine` in a worker thread, behind the same interface. Progress, Ctrl-C and timers of the main
 * thread stay alive during a pass; the worker is only ever ended between passes, because ending it inside
 * `run()` would abort the process (onnxruntime 1.30).
 */
export class RemoteEngine implements StepEngine {
  readonly device = 'cpu';
  readonly layers: number;
  readonly #worker: Worker;
  readonly #queue: Waiting[];

  private constructor(worker: Worker, queue: Waiting[], layers: number) {
    this.#worker = worker;
    this.#queue = queue;
    this.layers = layers;
  }

  /** Starts the worker and waits until the checkpoint is open. @throws UsageError for a bad checkpoint. */
  static async start(data: WorkerData): Promise<RemoteEngine> {
    const source = import.meta.url.endsWith('.ts');
    const worker = new Worker(new URL(source ? './worker.ts' : './worker.js', import.meta.url), {
      workerData: data,
      // Under tests the sources run as they are; the built package needs no loader.
      ...(source ? { execArgv: ['--import', 'tsx'] } : {}),
    });
    const queue: Waiting[] = [];
    worker.on('message', (reply: WorkerReply) => {
      const waiting = queue.shift();
      if (reply.kind === 'error') waiting?.reject(toError(reply));
      else waiting?.resolve(reply);
    });
    const fail = (error: Error) => {
      for (const waiting of queue.splice(0)) waiting.reject(error);
    };
    worker.on('error', (error) => fail(new EngineLostError(`the engine's worker failed: ${error.message}`)));
    worker.on('exit', (code) => fail(new EngineLostError(`the engine's worker ended with code ${code}`)));
    const ready = await new Promise<WorkerReply>((resolve, reject) => queue.push({ resolve, reject }));
    if (ready.kind !== 'ready') throw new Error(`unexpected reply ${ready.kind}`);
    return new RemoteEngine(worker, queue, ready.layers);
  }

  #call(call: WorkerCall): Promise<WorkerReply> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ resolve, reject });
      this.#worker.postMessage(call);
    });
  }

  async begin(sample: SampleSetup): Promise<void> {
    await this.#call({ kind: 'begin', sample });
  }

  async step(request: StepRequest): Promise<StepResult> {
    const reply = await this.#call({ kind: 'step', request });
    if (reply.kind !== 'result') throw new Error(`unexpected reply ${reply.kind}`);
    return reply.result;
  }

  async memoryBytes(): Promise<number> {
    const reply = await this.#call({ kind: 'memory' });
    if (reply.kind !== 'memory') throw new Error(`unexpected reply ${reply.kind}`);
    return reply.bytes;
  }

  async close(): Promise<void> {
    await this.#call({ kind: 'close' });
    await this.#worker.terminate();
  }
}

function toError(reply: Extract<WorkerReply, { kind: 'error' }>): Error {
  if (reply.usageCode !== undefined) return new UsageError(reply.usageCode, reply.message);
  const error = new Error(reply.message);
  error.stack = reply.stack;
  return error;
}
