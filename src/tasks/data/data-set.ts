import type { CsvColumns } from '../../formats/records/csv.js';

/** A way in which a data set's files lie in a folder. */
export interface Layout {
  /** `upstream` as its authors publish it, `hub` as Hugging Face does. */
  readonly kind: 'upstream' | 'hub';
  /**
   * File names of a split, relative to the data set's folder; `*` stands for any part of one name. `{group}` is
   * the subject or type that alone is wanted; patterns with it are tried only then. All files that match the
   * first fitting pattern belong together, in the order of their names.
   */
  files(split: string): readonly string[];
  readonly csvColumns?: CsvColumns;
  /** A row as the record that the schema describes; `path` of its file. */
  normalise?(row: Readonly<Record<string, unknown>>, path: string): unknown;
}

/** A published data set: where it is, how it is laid out, how many rows are in it. */
export interface DataSet {
  readonly id: string;
  /** Schema of its records. */
  readonly records: string;
  readonly title: string;
  /** Repository on the Hugging Face hub. */
  readonly hub: string;
  /** Files of the repository that `repro data pull` fetches. */
  readonly pull: readonly RegExp[];
  readonly gated: boolean;
  /** Its authors ask that no item stand in plain text where it could become training data: runs keep no prompt. */
  readonly confidential?: true;
  readonly licence: string;
  /** Where its authors publish it. */
  readonly upstream: string;
  /** Names of folders in which people keep it, beside that of the hub. */
  readonly folders: readonly string[];
  /** Other words for splits in names of files. */
  readonly splitWords?: Readonly<Record<string, string>>;
  /** Rows by split. */
  readonly rows: Readonly<Record<string, number>>;
  readonly layouts: readonly Layout[];
}
