import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Feeds } from '../ort-session.js';
import type { Outputs } from '../step-io.js';

/** What a pass is to give back: a tensor on the device to write into, or null = a copy on the host. */
export type Fetches = Record<string, Tensor | null>;

/**
 * Runs a session whose outputs are either read on the host or written into tensors on the device.
 *
 * Only a session without preferred places for its outputs takes such tensors (onnxruntime 1.30 ignores them
 * otherwise); it returns second handles of them, which are let go at once: their memory lives as long as one handle.
 *
 * @returns What is read on the host.
 */
export async function runInPlace(
  session: InferenceSession,
  feeds: Feeds,
  fetches: Fetches,
): Promise<Outputs> {
  // The binding takes null for an output that it is to copy; its types know only names and tensors.
  const out = await session.run(feeds, fetches as Record<string, Tensor>);
  for (const [name, tensor] of Object.entries(fetches)) if (tensor !== null) out[name]!.dispose();
  return out;
}
