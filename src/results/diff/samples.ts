import { mcnemarExact } from '../../stats/mcnemar.js';
import type { ManifestCell } from '../manifest.js';
import { isCorrect, type SampleRow } from '../samples.js';
import { cellKeyText } from './cells.js';
import type { ChangedSample, SampleComparison } from './types.js';

/** Compares the samples of a cell, paired by id. */
export function compareSamples(a: readonly SampleRow[], b: readonly SampleRow[]): SampleComparison {
  const others = new Map(b.map((row) => [row.sample, row]));
  const own = new Set(a.map(({ sample }) => sample));
  const flipped: ChangedSample[] = [];
  const otherAnswer: ChangedSample[] = [];
  const otherOutput: ChangedSample[] = [];
  const onlyInA: string[] = [];
  let [paired, gained, lost, otherAnswers, otherIds, otherPrompts] = [0, 0, 0, 0, 0, 0];
  for (const row of a) {
    const other = others.get(row.sample);
    if (other === undefined) {
      onlyInA.push(row.sample);
      continue;
    }
    paired++;
    if (row.promptSha256 !== other.promptSha256) otherPrompts++;
    const flips = isCorrect(row) !== isCorrect(other);
    const answers = row.extracted !== other.extracted;
    const ids = !equalIds(row.output?.ids, other.output?.ids);
    if (flips && isCorrect(other)) gained++;
    if (flips && isCorrect(row)) lost++;
    if (answers) otherAnswers++;
    if (ids) otherIds++;
    if (!flips && !answers && !ids) continue;
    const list = flips ? flipped : answers ? otherAnswer : otherOutput;
    list.push({ sample: row.sample, a: outcome(row), b: outcome(other) });
  }
  return {
    ...{ paired, onlyInA, onlyInB: b.map(({ sample }) => sample).filter((sample) => !own.has(sample)) },
    ...{ gained, lost, otherAnswers, otherIds, otherPrompts },
    mcnemarP: mcnemarExact(lost, gained),
    changed: [...flipped, ...otherAnswer, ...otherOutput],
  };
}

/** The samples of a run by the key of their cell, as `cellKeyText` writes it. */
export function groupSamples(
  rows: readonly SampleRow[],
  cells: readonly ManifestCell[],
): Map<string, SampleRow[]> {
  const groups = new Map(cells.map((cell): [string, SampleRow[]] => [cellKeyText(cell), []]));
  const byId = new Map(cells.map((cell) => [cell.id, groups.get(cellKeyText(cell))!]));
  for (const row of rows) byId.get(row.cell)?.push(row);
  return groups;
}

function outcome(row: SampleRow): ChangedSample['a'] {
  return { correct: isCorrect(row), extracted: row.extracted };
}

function equalIds(a: readonly number[] = [], b: readonly number[] = []): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
