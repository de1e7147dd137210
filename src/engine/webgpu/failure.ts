/**
 * Sentences of Dawn and onnxruntime that mean that there is no memory left on the device. A buffer that could not be
 * made is only complained of at its first use, as invalid.
 */
const outOfMemory =
  /out of (device )?memory|OUT_OF_DEVICE_MEMORY|max buffer size limit|exceeds .*limit|\[Invalid Buffer/i;

/** Those that mean that the device is gone. */
const lost = /device (is |was )?lost|DEVICE_LOST|device removed/i;

/** What a failure of the device comes down to, in a few words. */
export function deviceFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const reason = firstSentence(message);
  if (lost.test(message)) return `the GPU was lost (${reason})`;
  if (outOfMemory.test(message)) return `the GPU's memory does not suffice (${reason})`;
  return reason;
}

/** Whether no further pass can be run on this device. */
export function isDeviceGone(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return lost.test(message) || outOfMemory.test(message);
}

/** Without the place in onnxruntime's sources that stands before, and the trace behind. */
function firstSentence(message: string): string {
  const [first = ''] = message.split('\n');
  return first.replace(/^.* was false\. /, '').slice(0, 300);
}
