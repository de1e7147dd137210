import { InferenceSession } from 'onnxruntime-node';
import { sessionEntries, sessionOptions } from './ort-session.js';

/** A session on the processor for measuring, with the options of those of the steps. */
export function plainSession(
  model: Uint8Array,
  { weightsDir, threads }: { readonly weightsDir: string; readonly threads: number },
): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    ...sessionOptions('cpu', threads),
    extra: { session: sessionEntries(weightsDir) },
  });
}
