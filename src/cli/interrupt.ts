/**
 * Runs work that Ctrl-C stops in order: the first one aborts the signal, so that the step under way ends and
 * what is done can be kept; the second one ends the process at once.
 */
export async function withInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    process.stderr.write('repro: stopping after this step; press Ctrl-C again to stop at once.\n');
  };
  process.on('SIGINT', onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onSignal);
  }
}
