import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { generationConfigSettings, resolveGenerationConfig } from '../../src/config/generation-config.js';
import { applyOverrides, leafPaths, parseOverride } from '../../src/config/overrides.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import { UsageError } from '../../src/errors.js';

function resolved(method: string, ...assignments: string[]) {
  return resolveGenerationConfig({
    model: 'reference',
    method,
    overrides: assignments.map(parseOverride),
  });
}

function refusal(method: string, ...assignments: string[]): string {
  try {
    resolved(method, ...assignments);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('--set', () => {
  test('changes what it names and nothing else', () => {
    const before = resolved('dynamic-dllm-apd');
    const after = resolved('dynamic-dllm-apd', 'method.unmask.alpha=0.01', 'generation.blockLength=16');
    expect(after.method.unmask).toEqual({ ...before.method.unmask, alpha: 0.01 });
    expect(after.generation).toEqual({ ...before.generation, blockLength: 16 });
    expect(after.method.cache).toEqual(before.method.cache);
  });

  test('the last of two wins', () => {
    expect(resolved('vanilla', 'generation.steps=64', 'generation.steps=32').generation.steps).toBe(32);
  });

  test('text keys take the value as written, numbers what YAML reads', () => {
    const { generation } = resolved('vanilla', 'generation.seed=007', 'generation.temperature=1e-1');
    expect(generation.seed).toBe('007');
    expect(generation.temperature).toBe(0.1);
  });

  test('a value may hold an equals sign', () => {
    expect(resolved('vanilla', 'generation.seed=a=b').generation.seed).toBe('a=b');
  });

  test('null unsets what may be absent: steps follow the length again', () => {
    const { generation } = resolved(
      'vanilla',
      'generation.steps=32',
      'generation.genLength=64',
      'generation.steps=null',
    );
    expect(generation.steps).toBe(64);
  });

  test('another policy starts from its own defaults', () => {
    expect(resolved('dynamic-dllm', 'method.cache.policy=none').method.cache).toEqual({ policy: 'none' });
    const { unmask } = resolved('vanilla', 'method.unmask.rule=threshold', 'method.unmask.tau=0.5').method;
    expect(unmask).toEqual({ rule: 'threshold', tau: 0.5 });
  });

  test('naming the policy in force keeps its settings', () => {
    const { cache } = resolved('dynamic-dllm', 'method.cache.scope=gen', 'method.cache.policy=dcu').method;
    expect(cache).toMatchObject({ policy: 'dcu', auto: true, scope: 'gen' });
  });

  test('a size of DCU set by hand ends auto, which still decides the other size', () => {
    const { cache } = resolved(
      'dynamic-dllm',
      'method.cache.layerBudget=5',
      'generation.genLength=64',
    ).method;
    expect(cache).toMatchObject({ auto: false, layerBudget: 5, windowSize: 8 });
    const both = resolved('dynamic-dllm', 'method.cache.layerBudget=5', 'method.cache.windowSize=7').method;
    expect(both.cache).toMatchObject({ auto: false, layerBudget: 5, windowSize: 7 });
    expect(resolved('dynamic-dllm', 'method.cache.auto=false').method.cache).toMatchObject({
      layerBudget: 32,
      windowSize: 32,
    });
  });

  test.each([
    [
      ['generation.blockLenght=16'],
      '--set generation.blockLenght=16: there is no setting "generation.blockLenght". Did you mean "generation.blockLength"?',
    ],
    [
      ['layerBudget=16'],
      '--set layerBudget=16: there is no setting "layerBudget". Did you mean "method.cache.layerBudget"?',
    ],
    [
      ['metod.cache.scope=gen'],
      '--set metod.cache.scope=gen: there is no setting "metod.cache.scope". Did you mean "method.cache.scope"?',
    ],
    [
      ['method.cache.scope.x=gen'],
      '--set method.cache.scope.x=gen: there is no setting "method.cache.scope.x". Settings: method.*, generation.*.',
    ],
    [
      ['method.id=mine'],
      '--set method.id=mine: there is no setting "method.id". Settings: method.*, generation.*.',
    ],
    [
      ['method.unmask=apd'],
      '--set method.unmask=apd: "method.unmask" is a section; set one of its keys: rule.',
    ],
    [
      ['method.cache.layerBudget=few'],
      '--set method.cache.layerBudget=few: "method.cache.layerBudget" is "few", but it must be a whole number.',
    ],
    [
      ['method.cache.layerBudget=[1]'],
      '--set method.cache.layerBudget=[1]: "method.cache.layerBudget" is [1], but it must be a whole number.',
    ],
    [
      ['method.cache.layerBudget='],
      '--set method.cache.layerBudget=: write path=value, for example --set generation.blockLength=32.',
    ],
    [
      ['method.unmask.rule=treshold'],
      '--set method.unmask.rule=treshold: "method.unmask.rule" is "treshold", but it must be one of RULES. Did you mean "threshold"?'.replace(
        'RULES',
        unmaskOptions.options.map(({ shape }) => shape.rule.value).join(', '),
      ),
    ],
    [
      ['method.cache.auto=true', 'method.cache.layerBudget=3'],
      '--set: cache.auto=true and cache.layerBudget contradict each other; leave one of them out.',
    ],
    [
      ['__proto__.polluted=1'],
      '--set __proto__.polluted=1: there is no setting "__proto__.polluted". Settings: method.*, generation.*.',
    ],
    [
      ['generation.genLength=100'],
      'generation.genLength 100 is not divisible by generation.blockLength 32; use for example --block-length 25 (or --set generation.blockLength=25).',
    ],
  ])('%s is refused', (assignments, message) => {
    const refused = refusal('dynamic-dllm', ...assignments);
    expect(refused).toBe(message);
  });

  test.each(['blockLength', '=3', 'a..b=3', '.a=1', ''])('"%s" is no assignment', (text) => {
    expect(() => parseOverride(text)).toThrow(`--set ${text}: write path=value, for example`);
  });

  test('lists can be set as a whole', () => {
    const schema = z.strictObject({ names: z.array(z.string()) });
    const changed = applyOverrides(schema, { names: ['a'] }, [parseOverride('names=[b, c]')]);
    expect(changed).toEqual({ names: ['b', 'c'] });
  });

  test('the config that was given stays as it was', () => {
    const schema = z.strictObject({ inner: z.strictObject({ size: z.number() }) });
    const config = { inner: { size: 1 } };
    expect(applyOverrides(schema, config, [parseOverride('inner.size=2')])).toEqual({ inner: { size: 2 } });
    expect(config).toEqual({ inner: { size: 1 } });
  });

  test('every listed path can be set to the value that it has', () => {
    const { method, generation } = resolved('dynamic-dllm-apd');
    const { cache, unmask } = method;
    const config = { method: { cache, unmask }, generation };
    const paths = leafPaths(generationConfigSettings, config);
    expect(paths).toContain('method.cache.layerBudget');
    expect(paths).toContain('generation.confidenceEosEotInf');
    expect(paths).toContain('generation.dream.algTemp');
    for (const path of paths) {
      const value = path.split('.').reduce<unknown>((v, k) => (v as Record<string, unknown>)[k], config);
      const override = parseOverride(`${path}=${value}`);
      expect(applyOverrides(generationConfigSettings, config, [override])).toEqual(config);
    }
  });
});
