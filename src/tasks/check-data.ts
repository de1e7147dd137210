import { UsageError } from '../errors.js';
import type { DataSet } from './data/data-set.js';
import { type LocatedData, locateData } from './data/locate.js';
import { dataDigest, fileFacts, readData } from './data/read-data.js';
import type { DataSource } from './data/source.js';
import { recordKinds } from './records/index.js';

/** What there is of one split on this machine. */
export type SplitFinding =
  | { readonly state: 'absent'; readonly split: string; readonly expected: number }
  | {
      /** `whole`: every row is there and is what it should be. */
      readonly state: 'whole' | 'partial';
      readonly split: string;
      readonly expected: number;
      readonly rows: number;
      readonly folder: string;
      readonly files: number;
      readonly sha256: string;
      readonly commit: string | null;
      /** Rows that were passed over. */
      readonly notices: readonly string[];
    }
  | {
      readonly state: 'broken';
      readonly split: string;
      readonly expected: number;
      readonly message: string;
    };

/** Reads all splits of a data set that are here, record by record. */
export async function checkData(set: DataSet, source: DataSource): Promise<SplitFinding[]> {
  const findings: SplitFinding[] = [];
  for (const [split, expected] of Object.entries(set.rows)) {
    findings.push(await checkSplit(set, split, expected, source));
  }
  return findings;
}

async function checkSplit(
  set: DataSet,
  split: string,
  expected: number,
  source: DataSource,
): Promise<SplitFinding> {
  let located: LocatedData;
  try {
    located = locateData(set, split, source);
  } catch (error) {
    if (error instanceof UsageError && error.code === 'DATA_MISSING')
      return { state: 'absent', split, expected };
    throw error;
  }
  const kind = recordKinds.get(set.records)!;
  try {
    const { records, notices } = await readData(located, kind.schema, kind.idField);
    const { folder, files, commit } = located;
    return {
      state: records.length === expected && notices.length === 0 ? 'whole' : 'partial',
      ...{ split, expected, rows: records.length, folder, files: files.length, commit, notices },
      sha256: dataDigest(fileFacts(located)),
    };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { state: 'broken', split, expected, message: error.message };
  }
}
