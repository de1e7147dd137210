import type { CachePolicy } from '../../caching/policy.js';
import { type DecodeResult, decode } from '../../decoding/loop.js';
import { createMethod } from '../../decoding/method.js';
import type { UnmaskingRule } from '../../decoding/rule.js';
import { UsageError } from '../../errors.js';
import type { Clock } from '../../measure/clock.js';
import type { LoadedModel } from '../loaded-model.js';
import type { PlannedCell } from '../plan.js';
import { RecordedChoices, RecordedRows } from './recorded.js';

/** What of a method chooses in every pass: rows (DCU), tokens by moving thresholds (APD), or both. */
export type ChoosingPart = 'DCU' | 'APD' | 'DCU + APD';

/** One response, decoded three ways one after the other, in milliseconds of the denoising loop. */
export interface LatencyTimes {
  /** Of the method that all are compared with. */
  readonly baselineMs: number;
  /** Of the method, which chooses. */
  readonly withMs: number;
  /** Of the same passes with the choices given. */
  readonly withoutMs: number;
  readonly passes: number;
  /** Whether both gave the same tokens. */
  readonly equal: boolean;
}

export interface LatencyContext {
  readonly model: Pick<LoadedModel, 'engine'> & {
    readonly checkpoint: Pick<LoadedModel['checkpoint'], 'dimensions'>;
  };
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Of a planned cell what decoding it takes. */
export type TimedCell = Pick<PlannedCell, 'id' | 'method' | 'generation'>;

type Parts = { readonly cache: CachePolicy; readonly rule: UnmaskingRule };

/**
 * What a method chooses in every pass.
 * @throws UsageError `LATENCY_METHOD` for a method that chooses nothing, or whose choice cannot be given back.
 */
export function choosingPart(
  { id, method, generation }: TimedCell,
  family: LoadedModel['checkpoint']['dimensions']['family'],
): ChoosingPart {
  const { cache, rule } = createMethod(method, family, generation);
  const { rows } = cache;
  const chooses = rows.kind === 'adaptive' && rows.feature !== 'none';
  const isGiven = chooses && rows.valueRows === 'selected' && !rows.guardEmpty && generation.cfg === 0;
  if (chooses && !isGiven) {
    throw new UsageError(
      'LATENCY_METHOD',
      `${id}: its rows cannot be given by the host (it recomputes V of other rows as well, or has guidance); ` +
        'use dynamic-dllm, apd or dynamic-dllm-apd without generation.cfg.',
    );
  }
  if (chooses) return rule.needsShift ? 'DCU + APD' : 'DCU';
  if (rule.needsShift) return 'APD';
  throw new UsageError(
    'LATENCY_METHOD',
    `${id}: this method chooses neither rows nor thresholds as it goes, so nothing is added; use dynamic-dllm, apd ` +
      'or dynamic-dllm-apd.',
  );
}

/** Decodes a response as a cell says, or with other parts. @throws as `decode` */
export function decodeWith(
  promptIds: Int32Array,
  { generation, method }: TimedCell,
  { model, clock, signal }: LatencyContext,
  change: (own: Parts) => Parts = (own) => own,
): Promise<DecodeResult> {
  const { dimensions } = model.checkpoint;
  return decode(model.engine, {
    ...{ promptIds, generation, special: dimensions, clock },
    ...change(createMethod(method, dimensions.family, generation)),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The parts that repeat a recorded decoding without its choosing. */
export function givenParts({ cache, rule }: Parts, { steps }: Pick<DecodeResult, 'steps'>): Parts {
  return {
    cache: cache.rows.kind === 'adaptive' ? new RecordedRows(steps) : cache,
    rule: rule.needsShift ? new RecordedChoices(rule, steps) : rule,
  };
}

/**
 * Times of one response, round by round: the baseline, then each method with its choosing and with what it chose in
 * the first, untimed decoding given. Every round begins with another one, and every second one goes backwards, so that
 * drift of the machine and the place in the row meet all alike.
 *
 * @returns By method, in the order of `cells`, one entry a round.
 */
export async function timeResponse(
  promptIds: Int32Array,
  baseline: TimedCell,
  cells: readonly TimedCell[],
  rounds: number,
  context: LatencyContext,
): Promise<LatencyTimes[][]> {
  const recorded: DecodeResult[] = [];
  const variants = [() => decodeWith(promptIds, baseline, context)];
  for (const cell of cells) {
    const record = await decodeWith(promptIds, cell, context);
    recorded.push(record);
    const given = (own: Parts) => givenParts(own, record);
    variants.push(
      () => decodeWith(promptIds, cell, context),
      () => decodeWith(promptIds, cell, context, given),
    );
  }
  const times = cells.map((): LatencyTimes[] => []);
  for (let round = -1; round < rounds; round++) {
    const results: DecodeResult[] = [];
    for (const at of orderOf(variants.length, round)) results[at] = await variants[at]!();
    // The first round warms up.
    if (round < 0) continue;
    const [base, ...rest] = results;
    for (const [c, list] of times.entries()) {
      const [chosen, given] = [rest[2 * c]!, rest[2 * c + 1]!];
      list.push({
        baselineMs: base!.timings.denoiseMs,
        withMs: chosen.timings.denoiseMs,
        withoutMs: given.timings.denoiseMs,
        passes: recorded[c]!.nfe,
        equal: sameTokens(chosen.tokens, given.tokens),
      });
    }
  }
  return times;
}

/** `0 .. count - 1`, turned by the round, and backwards in every second one. */
function orderOf(count: number, round: number): number[] {
  const order = Array.from({ length: count }, (_, i) => (i + round + count) % count);
  return round % 2 === 0 ? order : order.reverse();
}

function sameTokens(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
