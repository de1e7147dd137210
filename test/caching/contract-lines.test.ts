import { expect, test } from 'vitest';
import { cacheOptions, createCachePolicy } from '../../src/caching/registry.js';
import { Rng } from '../../src/stats/rng.js';
import { draw } from '../oracle/draw.js';
import * as policies from './policies.js';

const lines = {
  llada: [...policies.lladaBaselines, ...policies.lladaDcu, ...policies.lladaReleased],
  dream: [...policies.dreamBaselines, ...policies.dreamDcu],
};

test.each(['llada', 'dream'] as const)('every policy for %s is under the contract', (family) => {
  const fits = ({ policy }: { policy: string }) => {
    const { families } = createCachePolicy(cacheOptions.parse({ policy }), family);
    return families === undefined || families.includes(family);
  };
  const known = cacheOptions.options.map(({ shape }) => shape.policy.value);
  const tested = lines[family].map(
    ({ options }) => cacheOptions.parse(draw(options, new Rng('line'))).policy,
  );
  expect([...new Set(tested)].sort()).toEqual(known.filter((policy) => fits({ policy })).sort());
  expect(new Set(lines[family].map(({ name }) => name)).size).toBe(lines[family].length);
});
