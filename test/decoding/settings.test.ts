import { describe, expect, test } from 'vitest';
import { generationOptions, resolveGeneration } from '../../src/decoding/settings.js';
import { UsageError } from '../../src/errors.js';

function resolve(settings: Record<string, unknown>) {
  return resolveGeneration(generationOptions.parse(settings));
}

function refusal(settings: Record<string, unknown>): UsageError {
  try {
    resolve(settings);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('generation settings', () => {
  test('default to one token a step', () => {
    expect(resolve({ genLength: 64, blockLength: 16 })).toMatchObject({
      steps: 64,
      temperature: 0,
      cfg: 0,
      remasking: 'low-confidence',
    });
  });

  test('refuse a broken block with the nearest whole one', () => {
    const error = refusal({ genLength: 96, blockLength: 36 });
    expect([error.code, error.exitCode]).toEqual(['GENERATION_BLOCKS', 2]);
    expect(error.message).toContain('generation.genLength 96 is not divisible by generation.blockLength 36');
    expect(error.message).toContain('--block-length 32');
    expect(refusal({ genLength: 8, blockLength: 16 }).message).toContain('--block-length 8');
  });

  test('refuse steps that do not spread over the blocks', () => {
    const error = refusal({ genLength: 96, blockLength: 32, steps: 64 });
    expect(error.code).toBe('GENERATION_STEPS');
    expect(error.message).toMatch(/generation\.steps 64 is not divisible by the 3 blocks .*--steps 63/);
    expect(refusal({ genLength: 96, blockLength: 32, steps: 1 }).message).toContain('--steps 3');
  });

  test('take fewer or more steps than tokens', () => {
    expect(resolve({ genLength: 96, blockLength: 32, steps: 3 }).steps).toBe(3);
    expect(resolve({ genLength: 96, blockLength: 32, steps: 192 }).steps).toBe(192);
  });

  test.each([
    { genLength: 0 },
    { genLength: 1.5 },
    { blockLength: 0 },
    { steps: 0 },
    { temperature: -1 },
    { cfg: -0.5 },
    { remasking: 'entropy' },
    { tempreature: 1 },
  ])('refuse %o', (settings) => {
    expect(generationOptions.safeParse(settings).success).toBe(false);
  });
});
