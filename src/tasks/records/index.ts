import { arc } from './arc.js';
import { gpqa } from './gpqa.js';
import { gsm8k } from './gsm8k.js';
import { humaneval } from './humaneval.js';
import { math } from './math.js';
import { mmlu } from './mmlu.js';
import type { RecordKind } from './record.js';

/** Every record schema that a task file may name. */
export const recordKinds: ReadonlyMap<string, RecordKind> = new Map(
  [arc, gpqa, gsm8k, humaneval, math, mmlu].map((kind) => [kind.name, kind as RecordKind]),
);
