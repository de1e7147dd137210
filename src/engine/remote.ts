import type { Worker } from 'node:worker_threads';
import { UsageError } from '../errors.js';
import { sessionWorker } from './command-line.js';
import type { Device } from './device.js';
import { giveNotice } from './notices.js';
import type { WorkerCall, WorkerData, WorkerReply } from './protocol.js';
import {
  type EngineFacts,
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

/** Calls that wait for their answer, and why no more will come once the worker has ended. */
interface Calls {
  readonly queue: Waiting[];
  lost?: Error;
}

/**
 * An engine in a worker thread, behind the same interface. Progress, Ctrl-C and timers of the main
 * thread stay alive during a pass; the worker is only ever ended between passes, because ending it inside
 * `run()` would abort the process (onnxruntime 1.30).
 */
export class RemoteEngine implements StepEngine {
  readonly device: Device;
  readonly layers: number;
  readonly facts: EngineFacts;
  readonly #worker: Worker;
  readonly #calls: Calls;

  private constructor(worker: Worker, calls: Calls, device: Device, layers: number, facts: EngineFacts) {
    this.#worker = worker;
    this.#calls = calls;
    this.device = device;
    this.layers = layers;
    this.facts = facts;
  }

  /** Starts the worker and waits until the checkpoint is open. @throws UsageError for a bad checkpoint. */
  static async start(data: WorkerData): Promise<RemoteEngine> {
    const worker = sessionWorker('worker', data);
    const calls: Calls = { queue: [] };
    worker.on('message', (reply: WorkerReply) => {
      if (reply.kind === 'notice') return giveNotice(reply.line);
      const waiting = calls.queue.shift();
      if (reply.kind === 'error') waiting?.reject(toError(reply));
      else waiting?.resolve(reply);
    });
    const fail = (error: Error) => {
      calls.lost ??= error;
      for (const waiting of calls.queue.splice(0)) waiting.reject(error);
    };
    worker.on('error', (error) => fail(new EngineLostError(`the engine's worker failed: ${error.message}`)));
    worker.on('exit', (code) => fail(new EngineLostError(`the engine's worker ended with code ${code}`)));
    const ready = await new Promise<WorkerReply>((resolve, reject) => calls.queue.push({ resolve, reject }));
    if (ready.kind !== 'ready') throw new Error(`unexpected reply ${ready.kind}`);
    return new RemoteEngine(worker, calls, data.device ?? 'cpu', ready.layers, ready.facts);
  }

  #call(call: WorkerCall): Promise<WorkerReply> {
    return new Promise((resolve, reject) => {
      // A message to a worker that has ended is never answered.
      if (this.#calls.lost !== undefined) return reject(this.#calls.lost);
      this.#calls.queue.push({ resolve, reject });
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

  async runMs(): Promise<number> {
    const reply = await this.#call({ kind: 'run-time' });
    if (reply.kind !== 'run-time') throw new Error(`unexpected reply ${reply.kind}`);
    return reply.ms;
  }

  /** Ends the worker; closing again does nothing. */
  async close(): Promise<void> {
    if (this.#calls.lost !== undefined) return;
    await this.#call({ kind: 'close' });
    await this.#worker.terminate();
  }
}

function toError(reply: Extract<WorkerReply, { kind: 'error' }>): Error {
  if (reply.usageCode !== undefined) return new UsageError(reply.usageCode, reply.message);
  if (reply.lost) return new EngineLostError(reply.message);
  const error = new Error(reply.message);
  error.stack = reply.stack;
  return error;
}
