import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects the garbage of this thread's JavaScript, so that what is left in memory is in use: V8 keeps short-lived objects
 * for thousands of passes before it looks.
 */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  // Backing stores of arrays are freed by tasks that follow.
  await setImmediate();
  collect();
}
