import type { Certainty } from '../../results/paper.js';

/**
 * A picture as data, before any drawing: what is in it, in the units in which it is shown. Whatever is drawn stands
 * here, so that a picture can be checked without looking at it.
 */
export interface Chart {
  /** Name of the file without its ending; unique in a report. */
  readonly id: string;
  readonly title: string;
  /** Names n, model, device and date. */
  readonly subtitle: string;
  /** Below the picture: what marks mean, and what could not be drawn. */
  readonly notes: readonly string[];
  /** Shown in the legend; marks name them by place. Empty: no legend. */
  readonly series: readonly Series[];
  readonly panels: readonly Panel[];
  /** Panels stand beside each other where each has so many pixels; default 280. */
  readonly panelWidth?: number;
}

export interface Series {
  readonly name: string;
  /** What the others are compared with: drawn in grey. */
  readonly isBaseline?: boolean;
}

/** One pair of axes. */
export interface Panel {
  /** Empty where the chart has only one. */
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Mark[];
  /** Height over width of a panel whose y axis has no rows; default 0.7. */
  readonly ratio?: number;
}

export type Axis =
  | {
      readonly kind: 'number';
      readonly label: string;
      readonly scale?: 'linear' | 'log';
      /** Default: the span of the marks. */
      readonly domain?: readonly [number, number];
      /** Whether 0 belongs to it in any case. */
      readonly zero?: boolean;
      /** Whether only whole numbers are named. */
      readonly whole?: boolean;
    }
  | { readonly kind: 'names'; readonly label: string; readonly names: readonly string[] };

export type Mark = Bars | Stack | Dots | Line | Cells | Published | Rule;

/** Horizontal bars from 0, one a row. */
export interface Bars {
  readonly kind: 'bars';
  readonly bars: readonly Bar[];
}

export interface Bar {
  /** A name of the y axis. */
  readonly row: string;
  readonly series: number;
  /** Null is shown as words alone. */
  readonly value: number | null;
  /** Ends of the interval. */
  readonly low: number | null;
  readonly high: number | null;
  /** Behind the bar. */
  readonly text: string;
}

/** Horizontal bars from 0 that are made of pieces, one bar a row. */
export interface Stack {
  readonly kind: 'stack';
  readonly pieces: readonly {
    /** A name of the y axis. */
    readonly row: string;
    readonly series: number;
    readonly from: number;
    readonly to: number;
  }[];
  /** Behind the bars. */
  readonly texts: readonly { readonly row: string; readonly text: string }[];
}

export interface Dots {
  readonly kind: 'dots';
  readonly dots: readonly Dot[];
}

export interface Dot {
  readonly x: number | string;
  readonly y: number | string;
  readonly series: number;
  readonly xLow: number | null;
  readonly xHigh: number | null;
  readonly yLow: number | null;
  readonly yHigh: number | null;
  /** Beside the dot; empty: none. */
  readonly label: string;
}

/** Points joined in their order. */
export interface Line {
  readonly kind: 'line';
  readonly series: number;
  readonly points: readonly LinePoint[];
  /** Whether each point has its symbol. */
  readonly hasDots: boolean;
  /** At the last point; empty: none. */
  readonly label: string;
}

export interface LinePoint {
  readonly x: number;
  /** Null is a gap. */
  readonly y: number | null;
  /** Ends of a band around the line. */
  readonly low: number | null;
  readonly high: number | null;
}

/** A heat map. On an axis of numbers a cell is one wide. */
export interface Cells {
  readonly kind: 'cells';
  readonly cells: readonly Cell[];
  /** Values of the faintest and the fullest colour. */
  readonly low: number;
  readonly high: number;
  /** Of the colours. */
  readonly label: string;
}

export interface Cell {
  readonly x: number | string;
  readonly y: number | string;
  readonly value: number | null;
  /** In the cell; empty: none. */
  readonly text: string;
}

/** A published value beside ours: a dashed line, in one row or across the panel. */
export interface Published {
  readonly kind: 'published';
  readonly axis: 'x' | 'y';
  readonly value: number;
  /** A name of the other axis; undefined goes across. */
  readonly row?: string;
  /** Holds the word "published". */
  readonly label: string;
  readonly certainty: Certainty;
  readonly source: string;
}

/** A setting of the run, such as a threshold: a dotted line across the panel. */
export interface Rule {
  readonly kind: 'rule';
  readonly axis: 'x' | 'y';
  readonly value: number;
  readonly label: string;
}
