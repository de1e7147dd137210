import { z } from 'zod';
import { UsageError } from '../errors.js';

/** Settings of Dream's sampler (generation_utils.py); other families do not read them. */
export const dreamOptions = z.strictObject({
  alg: z
    .enum(['origin', 'maskgit-plus', 'topk-margin', 'entropy'])
    .default('entropy')
    .describe(
      "What ranks masked positions: nothing (random transfer), p1, p1 - p2, or negative entropy. Paper's baselines: entropy.",
    ),
  eps: z
    .number()
    .gt(0)
    .lt(1)
    .default(1e-3)
    .describe('Last value of the timesteps, which run from 1 in equal steps.'),
  algTemp: z
    .number()
    .min(0)
    .default(0)
    .describe('Temperature of a random choice among ranked positions; 0 = the highest ranks.'),
  topP: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('Nucleus: tokens are drawn, and confidence taken, among the most likely ones of this mass.'),
  topK: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Tokens are drawn, and confidence taken, among this many; 0 = all. Tokens.'),
});

export type DreamOptions = z.output<typeof dreamOptions>;

/** How a response is generated, whatever the method. One schema for YAML, `--set generation.*` and flags. */
export const generationOptions = z.strictObject({
  genLength: z.number().int().min(1).default(128).describe('G: length of the response canvas. Tokens.'),
  blockLength: z
    .number()
    .int()
    .min(1)
    .default(32)
    .describe('Length of a semi-autoregressive block; divides genLength. Tokens.'),
  steps: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Denoising steps over all blocks; a multiple of the number of blocks. Default genLength.'),
  temperature: z
    .number()
    .min(0)
    .default(0)
    .describe('T of the Gumbel noise argmax(z + T g); 0 = greedy. Confidence never sees the noise.'),
  cfg: z
    .number()
    .min(0)
    .default(0)
    .describe('w of classifier-free guidance z_u + (w + 1)(z_c - z_u); 0 = off.'),
  remasking: z
    .enum(['low-confidence', 'random'])
    .default('low-confidence')
    .describe(
      'What ranks masked positions: the softmax probability of the chosen token, or a seeded random score.',
    ),
  seed: z.string().default('1234').describe('Seed of the Gumbel noise and of random remasking.'),
  logitsEosInf: z
    .boolean()
    .default(false)
    .describe("Forbid EOS: its logit is -inf before the argmax (LLaDA's logits_eos_inf)."),
  confidenceEosEotInf: z
    .boolean()
    .default(false)
    .describe("Commit EOS and EoT last: their confidence is 0 (LLaDA's confidence_eos_eot_inf)."),
  dream: dreamOptions.prefault({}),
});

export type GenerationOptions = z.output<typeof generationOptions>;
/** Settings with the default of `steps` filled in. */
export type Generation = GenerationOptions & { readonly steps: number };

/**
 * Checks what LLaDA's sampler asserts: whole blocks, and as many steps in each.
 * @throws UsageError `GENERATION_BLOCKS` or `GENERATION_STEPS`
 */
export function resolveGeneration(options: GenerationOptions): Generation {
  const { genLength, blockLength } = options;
  if (genLength % blockLength !== 0) {
    const divisors = Array.from({ length: genLength }, (_, i) => i + 1).filter((d) => genLength % d === 0);
    const near = divisors.reduce((a, b) => (Math.abs(b - blockLength) < Math.abs(a - blockLength) ? b : a));
    throw new UsageError(
      'GENERATION_BLOCKS',
      `generation.genLength ${genLength} is not divisible by generation.blockLength ${blockLength}; ` +
        `use for example --block-length ${near} (or --set generation.blockLength=${near}).`,
    );
  }
  const blocks = genLength / blockLength;
  const steps = options.steps ?? genLength;
  if (steps % blocks !== 0) {
    const near = Math.max(blocks, Math.round(steps / blocks) * blocks);
    throw new UsageError(
      'GENERATION_STEPS',
      `generation.steps ${steps} is not divisible by the ${blocks} blocks of ${blockLength} tokens; ` +
        `use for example --steps ${near} (or --set generation.steps=${near}).`,
    );
  }
  return { ...options, steps };
}
