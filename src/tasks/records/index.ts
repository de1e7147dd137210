import { arc } from './arc.js';
import { gpqa, gpqaCyclic, gpqaShuffled } from './gpqa.js';
import { gsm8k } from './gsm8k.js';
import { humaneval } from './humaneval.js';
import { math } from './math.js';
import { mmlu } from './mmlu.js';
import type { RecordKind } from './record.js';

/** Every record schema that a task file may name. */
export const recordKinds: ReadonlyMap<string, RecordKind> = new Map(
  [arc, gpqa, gpqaCyclic, gpqaShuffled, gsm8k, humaneval, math, mmlu].map((kind) => [
    kind.name,
    kind as RecordKind,
  ]),
);
