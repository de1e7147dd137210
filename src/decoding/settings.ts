import { z } from 'zod';
import { UsageError } from '../errors.js';

/** Settings of Dream's sampler (generation_utils.py); other families do not read them. */
export const dreamOptions = z.strictObject({
  alg: z.enum(['origin', 'maskgit-plus', 'topk-margin', 'entropy']).default('entropy').meta({
    description:
      'What ranks masked positions in Dream: nothing (origin: random transfer), p1, p1 - p2, or negative entropy.',
    source:
      "Dream's diffusion_generate, alg: origin by default; entropy in Dream's and dLLM-Cache's evaluation scripts.",
  }),
  eps: z.number().gt(0).lt(1).default(1e-3).meta({
    description: "Last of Dream's timesteps, which run from 1 to it in equal steps. A pure number.",
    source: "Dream's diffusion_generate, eps: 0.001.",
  }),
  algTemp: z.number().min(0).default(0).meta({
    description:
      'Temperature of a random choice among ranked positions in Dream; 0 = the highest ranks. A pure number.',
    source: "Dream's diffusion_generate, alg_temp: none by default; 0 in dLLM-Cache's scripts.",
  }),
  topP: z.number().gt(0).max(1).default(1).meta({
    description:
      'Nucleus of Dream: tokens are drawn, and confidence taken, among the most likely ones of this mass; 1 = all.',
    unit: 'probability',
    source: "Dream's diffusion_generate, top_p: none by default; 0.9 or 0.95 in evaluation scripts.",
  }),
  topK: z.number().int().min(0).default(0).meta({
    description: 'Tokens are drawn in Dream, and confidence taken, among this many; 0 = all.',
    unit: 'tokens',
    source: "Dream's diffusion_generate, top_k: none by default.",
  }),
});

export type DreamOptions = z.output<typeof dreamOptions>;

/** How a response is generated, whatever the method. One schema for YAML, `--set generation.*` and flags. */
export const generationOptions = z.strictObject({
  genLength: z.number().int().min(1).default(128).meta({
    description: 'G: length of the response canvas, in tokens.',
    unit: 'tokens',
    source:
      "LLaDA's sampler, gen_length. Dynamic-dLLM paper, Table 4 (by a fork's README): 256, HumanEval 512. Default ours: half of it, for the reference model.",
  }),
  blockLength: z.number().int().min(1).default(32).meta({
    description: 'Tokens of a semi-autoregressive block; divides genLength. Dream has no blocks by itself.',
    unit: 'tokens',
    source:
      "LLaDA's sampler, block_length. Dynamic-dLLM paper, Table 4 (by a fork's README): 32; its released script: 8.",
  }),
  steps: z.number().int().min(1).optional().meta({
    description: 'Denoising steps over all blocks; a multiple of the number of blocks. Default genLength.',
    unit: 'steps',
    source: "LLaDA's and Dream's samplers, steps; genLength (one token a step) in most scripts.",
  }),
  temperature: z.number().min(0).default(0).meta({
    description:
      'LLaDA: T of the Gumbel noise argmax(z + T g), which confidence never sees; Dream: logits are divided by T and drawn from. 0 = greedy. A pure number.',
    source:
      "LLaDA's and Dream's samplers, temperature; 0 in LLaDA's scripts, 0.1 or 0.2 in scripts for Dream.",
  }),
  cfg: z.number().min(0).default(0).meta({
    description: 'w of classifier-free guidance z_u + (w + 1)(z_c - z_u); 0 = off. A pure number.',
    source: "LLaDA's sampler, cfg_scale; 0 in all scripts.",
  }),
  remasking: z.enum(['low-confidence', 'random']).default('low-confidence').meta({
    description:
      "What ranks masked positions: the probability of the chosen token, or a seeded random score. Dream's own sampler ranks by dream.alg instead.",
    source: "LLaDA's sampler, remasking; low_confidence in its scripts.",
  }),
  seed: z.string().default('1234').meta({
    description: 'Seed of all draws: noise, random remasking, random order and random transfer.',
    source: "1234 is the seed of Dynamic-dLLM's GSM8K task; the draws themselves are ours.",
  }),
  logitsEosInf: z.boolean().default(false).meta({
    description: 'Forbid EOS: its logit is -inf before the argmax.',
    source: "LLaDA's sampler, logits_eos_inf; on for HumanEval in its EVAL.md.",
  }),
  confidenceEosEotInf: z.boolean().default(false).meta({
    description:
      'Commit EOS and EoT last: their confidence is 0 (with a temperature above 0 that of EoT only, as in the code).',
    source: "LLaDA's sampler, confidence_eos_eot_inf; on for some benchmarks in its EVAL.md.",
  }),
  longCanvas: z.enum(['refuse', 'decode']).default('refuse').meta({
    description:
      'What becomes of prompt and response that are longer together than the model was made for: refused, or decoded all the same, where answers mean little.',
    source: "Ours. The models' own code goes on without a word, because rotary positions have no end.",
  }),
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
