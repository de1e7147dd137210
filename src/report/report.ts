import type { Json } from '../config/canonical.js';
import type { Certainty } from '../results/paper.js';
import type { Rank } from './rank.js';

/**
 * The content of a report before any drawing, the same for every layout: grids as people read them, and the
 * figures one by one as programs do.
 */
export interface Report {
  readonly title: string;
  readonly grids: readonly Grid[];
  /** Footnotes: what marks mean, how uncertain figures are, whose they are. */
  readonly notes: readonly string[];
  /** The note of formats that show ranks; empty if nothing is ranked. */
  readonly rankNote: string;
  readonly figures: readonly Figure[];
}

/** A piece of text; of a ranked figure the figure alone, without what stands around it. */
export type Piece = string | { readonly text: string; readonly rank: Rank | undefined };
/** One line of a cell: pieces that follow each other. */
export type Line = readonly Piece[];

export interface Grid {
  readonly heading?: string;
  /** Titles of the columns that say what a row is. */
  readonly labels: readonly string[];
  /** Names of the lines of every row; a single one is not shown. */
  readonly lines: readonly string[];
  readonly columns: readonly GridColumn[];
  readonly groups: readonly { readonly name: string; readonly rows: readonly GridRow[] }[];
}

export interface GridColumn {
  readonly title: string;
  /** Titles below the title, one a sub-column; a single one is not shown. */
  readonly parts: readonly string[];
  readonly align: 'left' | 'right';
}

export interface GridRow {
  /** As many as the grid has label columns. */
  readonly labels: readonly string[];
  /** By column and part; each has as many lines as the grid. */
  readonly cells: readonly (readonly (readonly Line[])[])[];
}

/** A single figure of ours beside the published one. */
export interface Figure {
  readonly group: string;
  /** Id, and what tables print. */
  readonly method: string;
  readonly name: string;
  /** Swept values that the method was run with. */
  readonly params: Readonly<Record<string, Json>>;
  /** Benchmark or `average`, and its title. */
  readonly column: string;
  readonly title: string;
  readonly figure: 'accuracy' | 'tps' | 'speedup' | 'nfe' | 'row_nfe' | 'agreement';
  /** Shares go from 0 to 1. */
  readonly unit: 'share' | 'tokens/s' | 'x' | 'passes';
  readonly ours: number | null;
  /** Ends of the 95 % interval. */
  readonly low: number | null;
  readonly high: number | null;
  /** What the marks of the table say, in words. */
  readonly remark: string;
  readonly published: number | null;
  readonly certainty: Certainty | '';
  readonly source: string;
}

/** The text of a line without its ranks. */
export function lineText(line: Line): string {
  return line.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('');
}

/** All rows of a grid, without their groups. */
export function rowsOf({ groups }: Grid): GridRow[] {
  return groups.flatMap(({ rows }) => rows);
}
