/**
 * Sending transfers an array's memory to the receiver; where nobody receives, it is freed. (Node 20 has no
 * `ArrayBuffer.prototype.transfer`.)
 */
const { port1: nowhere } = new MessageChannel();
nowhere.close();

/**
 * Frees the memory of arrays at once; afterwards they are empty. Every pass brings megabytes of fresh rows, and
 * if they wait for the collector their sheer size makes it run every few passes (8 % of a step of adaptive rows).
 */
export function releaseArrays(arrays: readonly Float32Array[]): void {
  if (arrays.length > 0)
    nowhere.postMessage(
      null,
      arrays.map(({ buffer }) => buffer as ArrayBuffer),
    );
}
