import { UsageError } from '../../errors.js';
import { didYouMean } from '../../suggest.js';
import type { DataSet } from './data-set.js';
import { arc } from './sets/arc.js';
import { gpqa } from './sets/gpqa.js';
import { gsm8k } from './sets/gsm8k.js';
import { humaneval } from './sets/humaneval.js';
import { math } from './sets/math.js';
import { mmlu } from './sets/mmlu.js';

/** Every data set that a task may name, by id. */
export const dataSets: ReadonlyMap<string, DataSet> = new Map(
  [arc, gpqa, gsm8k, humaneval, math, mmlu].map((set) => [set.id, set]),
);

/** @throws UsageError `DATA_UNKNOWN` */
export function dataSet(id: string): DataSet {
  const found = dataSets.get(id);
  if (found !== undefined) return found;
  const ids = [...dataSets.keys()];
  throw new UsageError(
    'DATA_UNKNOWN',
    `There is no data set "${id}"; there are ${ids.join(', ')}.${didYouMean(id, ids)}`,
  );
}
