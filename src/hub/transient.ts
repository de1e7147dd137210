/** A fault that may be gone at the next try: a dropped connection, a busy or broken server. */
export class Transient extends Error {
  /** `unreachable`: no connection came about, so that trying again soon helps little. */
  readonly kind: 'unreachable' | 'dropped' | 'busy' | 'server';
  /** What the server asks to wait, in milliseconds. */
  readonly waitMs: number | undefined;
  /** Whether enough arrived before the fault that patience starts anew. */
  readonly progressed: boolean;

  constructor(
    kind: Transient['kind'],
    reason: string,
    {
      waitMs,
      progressed = false,
    }: { readonly waitMs?: number | undefined; readonly progressed?: boolean } = {},
  ) {
    super(reason);
    this.name = 'Transient';
    this.kind = kind;
    this.waitMs = waitMs;
    this.progressed = progressed;
  }
}

/** Before it tries again. */
export interface Retry {
  readonly reason: string;
  readonly waitMs: number;
}

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export interface RetryPorts {
  readonly sleep: Sleep;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

const triesInVain = 6;
const triesUnreachable = 2;
const longestWaitMs = 5 * 60_000;

/**
 * Calls `attempt` until it does not throw a `Transient`, with pauses of 1, 2, 4, 8 and 16 seconds, or of what
 * the server asks for. Gives up, with the last `Transient`, after six tries in a row without progress (two if
 * there was never a connection), or at once if the server asks for more than five minutes.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { sleep, signal, onRetry }: RetryPorts,
): Promise<T> {
  for (let failed = 1; ; failed++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      if (error.progressed) failed = 1;
      const tries = error.kind === 'unreachable' ? triesUnreachable : triesInVain;
      const waitMs = error.waitMs ?? 1000 * 2 ** (failed - 1);
      if (failed >= tries || waitMs > longestWaitMs) throw error;
      onRetry?.({ reason: error.message, waitMs });
      await sleep(waitMs, signal);
      signal?.throwIfAborted();
    }
  }
}

/**
 * Milliseconds that an answer asks to wait: by Retry-After, in seconds or as a date, which is held against
 * the answer's own Date, so that a wrong clock here does no harm; or by the hub's `RateLimit: "api";r=0;t=55`
 * (none left, anew in 55 seconds).
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const wait = Date.parse(text) - Date.parse(headers.get('date') ?? '');
  if (Number.isFinite(wait)) return Math.max(0, wait);
  const reset = headers.get('ratelimit')?.match(/;\s*r=0\s*;\s*t=(\d+)/)?.[1];
  return reset === undefined ? undefined : Number(reset) * 1000;
}
