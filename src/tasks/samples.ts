import { createHash } from 'node:crypto';
import type { Gold } from '../scoring/spec.js';
import { readJsonl } from './jsonl.js';
import { recordKinds } from './records/index.js';
import type { TaskSpec } from './spec.js';
import { fillTemplate } from './template.js';

/** One question of a benchmark. */
export interface Sample extends Gold {
  /** Stable across runs and machines: benchmark, source index and content hash (`gsm8k/0042-1f3a9c0e`). */
  readonly id: string;
  readonly benchmark: string;
  /** The user message, before the chat template. */
  readonly prompt: string;
  readonly meta: {
    /** Place in the data file, from 0. */
    readonly index: number;
    /** The data set's own answer in full. */
    readonly solution: string;
    readonly group?: string;
  };
}

/** Reads and renders all samples of a task; `sha256` is that of the data file. */
export function readSamples(spec: TaskSpec, path: string): { samples: Sample[]; sha256: string } {
  const kind = recordKinds.get(spec.records)!;
  const { records, bytes } = readJsonl(path, kind.schema);
  const samples: Sample[] = [];
  records.forEach(({ record, source }, index) => {
    const view = kind.view(record);
    if (spec.options !== undefined && view.choices?.length !== spec.options) return;
    samples.push({
      id: `${spec.id}/${String(index).padStart(4, '0')}-${sha256(source.trim()).slice(0, 8)}`,
      benchmark: spec.id,
      prompt: fillTemplate(spec.prompt, view.fields, `${spec.id}.${spec.profile}`),
      target: view.target,
      ...(view.choices === undefined ? {} : { choices: view.choices }),
      ...(view.code === undefined ? {} : { code: view.code }),
      meta: {
        index,
        solution: view.solution,
        ...(view.group === undefined ? {} : { group: view.group }),
      },
    });
  });
  return { samples, sha256: sha256(bytes) };
}

/** Hex sha256 of text (as UTF-8) or bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
