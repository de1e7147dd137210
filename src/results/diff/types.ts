import type { CsvTable } from '../../formats/csv.js';
import type { ColumnGroup, SummaryColumn } from '../columns.js';
import type { Manifest } from '../manifest.js';
import type { SampleRow } from '../samples.js';
import type { Tolerances } from './tolerance.js';

/** What tells one cell from the others of a table; cells of two tables pair by it. */
export const pairColumns = [
  'experiment',
  'model',
  'method',
  'benchmark',
  'profile',
  'seed',
  'limit',
] as const;
export type PairColumn = (typeof pairColumns)[number];
export type PairKey = Readonly<Record<PairColumn, string>>;

/** One of the two things compared. */
export interface DiffSide {
  /** As typed. */
  readonly path: string;
  /** Of its table, links followed: tells whether both sides are one file. */
  readonly realPath: string;
  readonly csv: CsvTable;
  /** Undefined where none lies beside a CSV file. */
  readonly manifest?: Manifest;
  /** Of a run directory. */
  readonly samples?: readonly SampleRow[];
  /** What is odd about it, as sentences. */
  readonly warnings: readonly string[];
}

export interface DiffOptions {
  readonly tolerances: Tolerances;
  /** Samples that may be judged differently per cell, whatever the hardware. Undefined: see `allowedFlips`. */
  readonly flips?: number | undefined;
}

/** How much a value may move. `why` names the rule in a few words. */
export type Allowance =
  | { readonly kind: 'exact' }
  | { readonly kind: 'absolute' | 'relative'; readonly value: number; readonly why: string }
  | { readonly kind: 'any'; readonly why: string };

/** A column whose values differ. */
export interface ColumnDifference {
  readonly column: SummaryColumn;
  readonly group: ColumnGroup;
  /** As printed; empty where there is no value. */
  readonly a: string;
  readonly b: string;
  readonly allowed: Allowance;
}

/** A sample that came out differently. */
export interface ChangedSample {
  readonly sample: string;
  readonly a: { readonly correct: boolean; readonly extracted: string | null };
  readonly b: { readonly correct: boolean; readonly extracted: string | null };
}

/** The samples of one cell, paired by id. */
export interface SampleComparison {
  readonly paired: number;
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
  /** Wrong in A and right in B. */
  readonly gained: number;
  /** Right in A and wrong in B. */
  readonly lost: number;
  /** Samples with another extracted answer. */
  readonly otherAnswers: number;
  /** Samples with other output ids. */
  readonly otherIds: number;
  /** Samples that were asked with another prompt. */
  readonly otherPrompts: number;
  /** Of McNemar's exact test on the correct flags. */
  readonly mcnemarP: number;
  /** Flipped ones first, then those with another answer, then those with other ids. */
  readonly changed: readonly ChangedSample[];
}

/** Something that decides answers and is not the same in both. */
export interface Guard {
  /** `config_sha256`, `chat template`, `methods.dynamic-dllm.cache.layerBudget`. */
  readonly name: string;
  readonly a: string;
  readonly b: string;
}

export interface CellComparison {
  readonly key: PairKey;
  readonly state: 'same' | 'differs' | 'not-comparable';
  /** Why the cell is not comparable, beside what holds for the whole run. */
  readonly guards: readonly Guard[];
  /** Beyond what is allowed. */
  readonly columns: readonly ColumnDifference[];
  /** Timing that would differ on one machine; other hardware may be faster or slower. */
  readonly shown: readonly ColumnDifference[];
  /** Samples that may be judged differently. */
  readonly flips: number;
  readonly samples?: SampleComparison;
}

/** A cell that one side lacks. */
export interface LonelyCell {
  readonly key: PairKey;
  /** Whether the other run was asked for it, so that its absence is a difference. */
  readonly wanted: boolean;
}

/** A guard over all cells that it concerns. */
export interface GuardGroup {
  readonly name: string;
  readonly cells: number;
  /** Pairs of values, the most frequent first. */
  readonly values: readonly { readonly a: string; readonly b: string; readonly cells: number }[];
}

/** B's values over A's in the paired cells that have both. */
export interface TimingRatio {
  readonly column: SummaryColumn;
  readonly cells: number;
  readonly lowest: number;
  readonly median: number;
  readonly highest: number;
}

export type Verdict = 'same' | 'differs' | 'not-comparable';

export interface DiffResult {
  readonly verdict: Verdict;
  readonly a: SideFacts;
  readonly b: SideFacts;
  /** `unknown`: a manifest is missing, so both are taken to be of one class. */
  readonly hardware: 'same' | 'other' | 'unknown';
  readonly rules: {
    /** What deterministic columns may do, as a sentence. */
    readonly deterministic: string;
    readonly tolerances: Readonly<Record<string, number>>;
  };
  /** Paired cells of which there is something to say. */
  readonly cells: readonly CellComparison[];
  /** All other paired cells; a table may have very many, so their keys are made on demand. */
  readonly same: { readonly count: number; keys(): PairKey[] };
  /** Samples that both sides have, over all paired cells. */
  readonly samplesPaired: number;
  /** Key columns beside benchmark and method that are not the same in all rows of both tables. */
  varying(): readonly PairColumn[];
  readonly onlyInA: readonly LonelyCell[];
  readonly onlyInB: readonly LonelyCell[];
  /** Reasons for `not-comparable`. */
  readonly guards: readonly GuardGroup[];
  readonly timing: readonly TimingRatio[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/** What a report says of a side. */
export interface SideFacts {
  readonly path: string;
  readonly kind: 'run' | 'csv';
  readonly cells: number;
  readonly state: Manifest['state'] | null;
  readonly commit: string | null;
}
