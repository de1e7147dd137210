import { describe, expect, test } from 'vitest';
import { refuseTooLarge } from '../../src/engine/memory-guard.js';
import { parseModelConfig } from '../../src/models/config.js';
import { memoryNeeds } from '../../src/models/memory.js';
import { conversionVersion } from '../../src/models/precision/conversion.js';
import { publishedModels } from '../../src/models/published.js';

const llada = publishedModels[0]!;
const { dimensions, weights } = parseModelConfig(JSON.stringify(llada.config));
const plain = { dir: 'llada', specs: weights, dimensions, conversion: undefined };
const int8 = {
  version: conversionVersion,
  precision: 'int8',
  groupSize: null,
  sourceSha256: '',
  files: {},
  source: { id: 'llada', name: 'LLaDA', settings: 'llada', titleNote: null },
} as const;

describe('a model of 8 billion weights', () => {
  test('is refused where it does not fit, with what would', () => {
    expect(() => refuseTooLarge(plain, 24e9)).toThrow(
      'llada needs about 33.9 GB of memory in fp32, and 24.0 GB are free; ' +
        '--precision int8 needs about 9.7 GB, --precision int4 needs about 6.5 GB.',
    );
    expect(() => refuseTooLarge(plain, 40e9)).not.toThrow();
    expect(() => refuseTooLarge({ ...plain, conversion: int8 }, 24e9)).not.toThrow();
    expect(() => refuseTooLarge({ ...plain, conversion: int8 }, 8e9)).toThrow(
      'llada needs about 9.7 GB of memory in int8, and 8.0 GB are free; --precision int4 needs about 6.5 GB.',
    );
  });

  test('a longer canvas takes more, by the same for each token', () => {
    const cache = (tokens: number) => memoryNeeds(weights, dimensions, tokens)[0]!.cacheBytes;
    // Keys, values, attention and FFN outputs, and the compared feature: five rows of 4096 in 32 layers.
    expect(cache(1024)).toBe(1024 * 5 * 4096 * 32 * 4);
  });
});

test('a small model is never refused', () => {
  const small = weights.filter(({ role, layer }) => role === 'q' && layer === 0);
  expect(() => refuseTooLarge({ ...plain, specs: small }, 1)).not.toThrow();
});
