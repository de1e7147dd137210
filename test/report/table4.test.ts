import { describe, expect, test } from 'vitest';
import { loadMethod } from '../../src/config/method.js';
import { renderers } from '../../src/report/renderers.js';
import { table4Report } from '../../src/report/table4.js';
import { table4Facts } from '../../src/report/table4-facts.js';
import { repro } from '../cli/run.js';
import { markdownTables } from './shape.js';

const facts = await table4Facts('lm-eval');

describe('the facts', () => {
  test('the lengths of every benchmark, published, of the task file and of the reference', () => {
    expect(facts.lengths).toHaveLength(6 * 3);
    const of = (id: string) =>
      facts.lengths
        .filter(({ benchmark }) => benchmark === id)
        .map(({ published, task, reference }) => [published?.value, published?.certainty, task, reference]);
    expect(of('humaneval')).toEqual([
      ['512', 'secondary', 512, 128],
      ['32', 'secondary', 32, 32],
      ['512', 'secondary', 512, 128],
    ]);
    expect(of('gpqa')[0]).toEqual(['256', 'inferred', 256, 128]);
  });

  test('the settings of methods are those that a run of the model takes', () => {
    expect(facts.methods.filter(({ same }) => !same)).toEqual([]);
    const kp = facts.methods.filter(({ setting }) => setting === 'K_p');
    expect(kp.map(({ model, ours }) => [model, ours])).toEqual([
      ['LLaDA-8B-Instruct', 50],
      ['LLaDA-1.5', 100],
      ['Dream-v0-7B-Instruct', 50],
    ]);
    expect(loadMethod('dllm-cache', 'llada-1.5').cache).toMatchObject({ promptInterval: kp[1]!.ours });
    expect(facts.methods.find(({ setting }) => setting === 'beta')).toMatchObject({
      ...{ path: 'methods.dynamic-dllm-apd.unmask.beta', ours: 0.0008 },
      published: { value: '0.0008', certainty: 'stated' },
    });
  });

  test('a profile without a task file of a benchmark has no length there', async () => {
    const { lengths } = await table4Facts('opencompass');
    expect(lengths.find(({ benchmark }) => benchmark === 'gpqa')!.task).toBeNull();
    expect(lengths.find(({ benchmark }) => benchmark === 'gsm8k')!.task).toBe(256);
  });
});

test('what differs is said', () => {
  const [first, ...rest] = facts.methods;
  const changed = { ...facts, methods: [{ ...first!, ours: 16, same: false }, ...rest] };
  const [lengths, methods] = markdownTables(renderers.markdown(table4Report(changed)));
  expect(lengths![0]).toHaveLength(1 + 3 * 3);
  const cells = methods!.map((row) => row.map((text) => text.trim()));
  expect(cells[2]!.slice(2, 6)).toEqual(['B\\_layer', '32 s', '16', 'differs']);
  expect(cells[3]!.slice(2, 6)).toEqual(['B\\_window', '32 s', '32', 'same']);
});

test('repro table4 prints both tables, or their content as JSON, or refuses an unknown profile', async () => {
  const [plain, json, wrong] = await Promise.all([
    repro(['table4']),
    repro(['table4', '--json']),
    repro(['table4', '--profile', 'lmeval']),
  ]);
  expect(plain).toMatchObject({ code: 0, stderr: '' });
  expect(plain.stdout).toMatch(/HumanEval .* 512 q .* 512 .* 128/);
  expect(JSON.parse(json.stdout)).toEqual(facts);
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toContain('--profile is lmeval, but no task file has it; use one of lm-eval, mini,');
});
