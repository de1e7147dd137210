/**
 * Work that a pass may leave out without a change to any token (`docs/savings.md` has the argument for each). Each can be
 * switched off, so that what it saves can be measured.
 *
 * - `head-rows`: only rows whose prediction a rule reads go through the LM head.
 * - `lazy-head`: where a rule reads the block alone, but how its distributions moved as well, rows of the next block go
 *   through the head once, when their block begins, from final hidden rows of the pass before.
 * - `last-layer`: in the last layer only those rows take queries, attention and FFN; the others take K and V.
 * - `prompt-rows`: between two refreshes of the prompt its rows are left out everywhere, layer 0 included.
 * - `first-layer`: where layer 0 computes all rows in every pass, q, K and V of a row are made anew only if its token changed.
 * - `unchanged-rows`: a layer compares only the rows whose input can have changed since the pass before.
 * - `passes`: passes that reveal nothing and change nothing that is read later do not run.
 */
export const savings = [
  'head-rows',
  'lazy-head',
  'last-layer',
  'prompt-rows',
  'first-layer',
  'unchanged-rows',
  'passes',
] as const;
export type Saving = (typeof savings)[number];

/** What an engine on a GPU leaves out: its graphs compute what a pass names. */
const onGpu: readonly Saving[] = ['head-rows', 'passes'];

/** The savings that engines of a device know. */
export function savingsOn(device: string): readonly Saving[] {
  return device === 'webgpu' ? onGpu : savings;
}
