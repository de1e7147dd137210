/** Milliseconds since some fixed moment; never goes back. The only way to the time outside this folder. */
export type Clock = () => number;

/** The process's monotonic clock. */
export const monotonicClock: Clock = () => performance.now();
