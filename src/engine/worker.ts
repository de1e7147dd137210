import { parentPort, workerData } from 'node:worker_threads';
import { UsageError } from '../errors.js';
import { onNotice } from './notices.js';
import { openLocalEngine } from './open.js';
import type { WorkerCall, WorkerData, WorkerReply } from './protocol.js';
import { EngineLostError, type StepEngine } from './types.js';

/** Entry of the worker thread that owns the onnxruntime session: `run()` blocks this thread, not the main one. */

async function answer(engine: StepEngine, call: WorkerCall): Promise<WorkerReply> {
  switch (call.kind) {
    case 'begin':
      await engine.begin(call.sample);
      return { kind: 'done' };
    case 'step':
      return { kind: 'result', result: await engine.step(call.request) };
    case 'memory':
      return { kind: 'memory', bytes: await engine.memoryBytes() };
    case 'run-time':
      return { kind: 'run-time', ms: await engine.runMs() };
    case 'close':
      await engine.close();
      return { kind: 'done' };
  }
}

function failure(error: unknown): WorkerReply {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const usage = error instanceof UsageError ? { usageCode: error.code } : {};
  const lost = error instanceof EngineLostError ? { lost: true as const } : {};
  return { kind: 'error', message, stack: stack ?? message, ...usage, ...lost };
}

/** Layer tensors are too large to be copied on the way: nobody reads them here any more. */
function probedBuffers(reply: WorkerReply): ArrayBuffer[] {
  if (reply.kind !== 'result') return [];
  const tensors = Object.values(reply.result.probe ?? {}).flat();
  return tensors.map(({ buffer }) => buffer as ArrayBuffer);
}

const port = parentPort;
if (port === null) throw new Error('engine/worker is the entry of a worker thread');
const send = (reply: WorkerReply) => port.postMessage(reply, probedBuffers(reply));
onNotice((line) => send({ kind: 'notice', line }));
try {
  const engine = await openLocalEngine(workerData as WorkerData);
  // One call after the other: a quick one must not overtake the pass before it.
  let answered = Promise.resolve();
  port.on('message', (call: WorkerCall) => {
    answered = answered.then(() => answer(engine, call)).then(send, (error: unknown) => send(failure(error)));
  });
  send({ kind: 'ready', layers: engine.layers, facts: engine.facts });
} catch (error) {
  send(failure(error));
  port.close();
}
