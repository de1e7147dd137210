import type { ProbeOptions } from './adapters.js';
import { askChild, complaints } from './ask-child.js';
import type { TrialAnswer } from './webgpu-trial.js';

/** Largest difference of the product of two small matrices that counts as right. */
const tolerance = 1e-4;

/** Compiling the first shader can take a while on a software adapter. */
const defaultTimeLimitMs = 60_000;

/**
 * Whether onnxruntime computes rightly on the GPU that it takes, tried in a child process: null, or why it does not.
 */
export async function tryWebgpu(options: ProbeOptions = {}): Promise<string | null> {
  const { timeLimitMs = defaultTimeLimitMs } = options;
  const asked = await askChild<TrialAnswer>('webgpu-trial', { ...options, timeLimitMs });
  switch (asked.kind) {
    case 'crash':
      return `onnxruntime on WebGPU ended with ${asked.how} (${complaints(asked.stderr) || 'no message'})`;
    case 'time-out':
      return `onnxruntime on WebGPU did not end within ${timeLimitMs / 1000} s`;
    case 'answer':
      return judge(asked.answer);
  }
}

function judge(answer: TrialAnswer): string | null {
  if (answer.kind === 'failed') return `onnxruntime does not start on WebGPU: ${answer.message}`;
  if (answer.error <= tolerance) return null;
  return `onnxruntime computes wrongly on WebGPU: a product of two matrices is off by ${answer.error.toPrecision(2)}`;
}
