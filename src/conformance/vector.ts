import { z } from 'zod';

const ids = z.array(z.int().min(0));
const step = z.object({ step: z.int().min(0), unmasked: z.array(z.tuple([z.int(), z.int()])) });

const extra = z.object({
  /** `[step (1-based), layer, entries, distinct entries]` of each partial update of released Dynamic-dLLM. */
  selected: z.array(z.tuple([z.int(), z.int(), z.int(), z.int()])).optional(),
  /** `[step (1-based), layer, positions]`, relative to the start of the response. */
  selected_indices: z.array(z.tuple([z.int(), z.int(), ids])).optional(),
  /** Uniform draws of Dream's random transfer, per step, for the masked positions in order. */
  rand: z.array(z.array(z.number())).optional(),
  /** The random order of each block, absolute positions. */
  decode_order: z.array(ids).optional(),
  threshold_per_step: z.array(z.number()).optional(),
  dcu: z
    .array(
      z.object({
        step: z.int(),
        budgets: z.array(z.int()),
        updated: z.array(z.int()),
        s: z.array(z.number()),
      }),
    )
    .optional(),
});

const params = z.looseObject({
  gen_length: z.int().min(1),
  steps: z.int().min(1),
  block_length: z.int().min(1).optional(),
});

/** A token trace of one run. */
export const traceVector = z.object({
  id: z.string(),
  model: z.string(),
  method: z.string(),
  params,
  prompt_ids: ids,
  final_ids: ids,
  nfe: z.int().min(1),
  steps: z.array(step),
  extra: extra.optional(),
});

/** Logits of one uncached forward of some inputs. */
export const logitsFullVector = z.object({
  model: z.string(),
  kind: z.string(),
  inputs: z.array(z.object({ input_ids: ids, logits: z.array(z.array(z.number())) })).min(1),
});

/** Logits of the successive calls of one run. */
export const logitsCallsVector = z.object({
  model: z.string(),
  method: z.string(),
  params,
  prompt_ids: ids,
  final_ids: ids,
  nfe: z.int().min(1),
  trace: z.array(step),
  extra: extra.optional(),
  calls: z.array(
    z.object({
      call: z.int().min(0),
      positions: ids,
      argmax: ids,
      max_logit: z.array(z.number()),
      logsumexp: z.array(z.number()),
      shape: z.array(z.int()).optional(),
      logits_f32_le_base64: z.string().optional(),
    }),
  ),
});

export type TraceVector = z.output<typeof traceVector>;
export type LogitsFullVector = z.output<typeof logitsFullVector>;
export type LogitsCallsVector = z.output<typeof logitsCallsVector>;

export type Vector =
  | { readonly kind: 'trace'; readonly vector: TraceVector }
  | { readonly kind: 'logits-full'; readonly vector: LogitsFullVector }
  | { readonly kind: 'logits-calls'; readonly vector: LogitsCallsVector };

/**
 * Reads one recorded vector.
 * @returns the vector, or a sentence about what is wrong with the file.
 */
export function parseVector(text: string): Vector | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return `not JSON (${(error as Error).message})`;
  }
  const object = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  const schemas = {
    trace: traceVector,
    'logits-full': logitsFullVector,
    'logits-calls': logitsCallsVector,
  } as const;
  const kind = 'inputs' in object ? 'logits-full' : 'calls' in object ? 'logits-calls' : 'trace';
  const parsed = schemas[kind].safeParse(json);
  if (parsed.success) return { kind, vector: parsed.data } as Vector;
  const issue = parsed.error.issues[0]!;
  return `not a ${kind} vector: ${issue.path.join('.') || 'top level'}: ${issue.message}`;
}
