import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A package folder of its own with these files, removed with the temporary folder of the machine. */
export function packageWith(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'repro-tasks-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

export const taskYaml = `
version: 1
id: gsm8k
profile: mini
title: GSM8K
records: gsm8k
data: data.jsonl
prompt: '{question}'
shots: 0
scorers:
  - name: strict
    filter: { kind: gsm8k, mode: strict }
    metric: { kind: exact-match }
generation: { genLength: 128, blockLength: 32, steps: 128 }
inAverage: true
`;
