import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCheck } from '../../src/cli/doctor-checks.js';
import { repro } from './run.js';

test('every part of this installation works', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'repro-doctor-'));
  const { stdout, stderr, code } = await repro(['doctor', '--json'], { cwd });
  const { findings } = JSON.parse(stdout) as {
    findings: { check: string; status: string; detail: string }[];
  };
  expect(findings.filter(({ status }) => status === 'fail')).toEqual([]);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(findings.map(({ check }) => check)).toEqual([
    'node',
    'program',
    'machine',
    'onnxruntime',
    'model',
    'engine',
    'tokenizer',
    'tasks',
    'sandbox',
    'results',
  ]);
  const detail = (name: string) => findings.find(({ check }) => check === name)?.detail;
  expect(detail('onnxruntime')).toContain('cpu');
  expect(detail('model')).toMatch(/sha256 [0-9a-f]{16}$/);
  expect(detail('tasks')).toContain('gsm8k.mini');
  expect(detail('results')).toContain(join(cwd, 'results', 'runs'));
});

test('a check that throws fails with the first line of the error and with advice', async () => {
  const finding = await runCheck({
    name: 'x',
    advice: 'mend it',
    run: () => Promise.reject(new Error('broken\nat somewhere')),
  });
  expect(finding).toEqual({ status: 'fail', detail: 'broken', advice: 'mend it' });
});
