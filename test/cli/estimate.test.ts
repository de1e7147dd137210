import { expect, test } from 'vitest';
import { repro } from './run.js';

test('repro estimate says what was measured and what follows from it', async () => {
  const args = ['table1', '--limit', '2', '--methods', 'dynamic-dllm-apd', '--benchmarks', 'gsm8k,mmlu'];
  const { code, stdout, stderr } = await repro(['estimate', ...args]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr).toContain('repro: timing passes of dynamic-dllm-apd (graph 2 of 2)\n');
  const text = stdout.replace(/\s+/g, ' ');
  expect(text).toMatch(/Measured now, in [\d.]+ m?s/);
  expect(text).toMatch(/dynamic-dllm-apd canvas of \d+ full pass [\d.]+ ms \(1\) partial pass [\d.]+ ms \(/);
  expect(text).toMatch(/vanilla [\d.]+ m?s [\d.]+ m?s 128, 128 full/);
  expect(text).toMatch(/dynamic-dllm-apd <= [\d.]+ m?s <= [\d.]+ m?s <= 128, 1 full/);
  expect(text).toContain('Extrapolated: the passes that a method does');
  expect(text).toMatch(/--limit 2 8 samples <= .* as it stands 128 samples <= .* --quick 32 samples <= /);
  expect(text).toMatch(/memory: [\d.]+ GB seen now.* disk: \d\.\d MB for the checkpoint/);
});

test('Ctrl-C ends it between passes', async () => {
  const args = ['estimate', 'table1', '--set', 'generation.steps=128', '--json'];
  const { code, stdout, stderr } = await repro(args, {
    onStart: (child) => {
      let isAsked = false;
      child.stderr!.on('data', (text: string) => {
        if (!isAsked && text.includes('timing passes')) child.kill('SIGINT');
        isAsked ||= text.includes('timing passes');
      });
    },
  });
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toMatch(/stopping after this step; .*\nrepro: interrupted\.\n$/s);
});

test.each([
  [['estimate', 'tabel1'], 'Did you mean "table1"?'],
  [['estimate', 'table1', '--threads', '0'], '--threads is 0, but it must be a whole number of at least 1.'],
  [['estimate', 'table1', '--model', 'nowhere'], 'there is no model "nowhere"'],
])('%j is one sentence', async (args, message) => {
  const { code, stdout, stderr } = await repro(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^repro: .*\n$/);
});
