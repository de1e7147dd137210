import type { Adapter } from '../engine/device.js';

/** What one check found. A detail of several lines is printed so. */
export type Finding =
  | { readonly status: 'ok'; readonly detail: string; readonly adapters?: readonly Adapter[] }
  | { readonly status: 'warn' | 'fail'; readonly detail: string; readonly advice: string };

export interface Check {
  readonly name: string;
  /** What to do if the check throws. */
  readonly advice: string;
  run(): Promise<Finding>;
}

export const ok = (detail: string): Finding => ({ status: 'ok', detail });
