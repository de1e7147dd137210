import type { InferenceSession } from 'onnxruntime-node';

/**
 * Options of every session on the GPU. A node that onnxruntime would leave to the processor is an error: it would
 * cost a transfer there and back in every pass.
 *
 * @param sessionEntries Further configuration entries of the session.
 */
export function webgpuOptions(
  sessionEntries: Readonly<Record<string, string>> = {},
): InferenceSession.SessionOptions {
  return {
    executionProviders: ['webgpu'],
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
    extra: { session: { disable_cpu_ep_fallback: '1', ...sessionEntries } },
  };
}
