import type { DataSet } from '../data-set.js';

/**
 * Questions that experts wrote to withstand a search engine (Rein et al. 2023). Its authors ask that no item be
 * shown in public; the splits here are the hub's configurations, each with one file.
 */
export const gpqa: DataSet = {
  id: 'gpqa',
  records: 'gpqa-shuffled',
  title: 'GPQA',
  hub: 'Idavidrein/gpqa',
  pull: [/^gpqa_(main|diamond|extended)\.csv$/],
  gated: true,
  confidential: true,
  licence: 'CC BY 4.0',
  upstream: 'dataset.zip of GitHub idavidrein/gpqa (the password stands in its README)',
  folders: ['gpqa', 'GPQA'],
  rows: { main: 448, diamond: 198, extended: 546 },
  layouts: [
    {
      kind: 'hub',
      files: (split) => [`gpqa_${split}.csv`, `dataset/gpqa_${split}.csv`, `gpqa_${split}-*.csv`],
      // An empty cell is a missing one, as pandas reads it for the harnesses.
      normalise: (row) =>
        Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, cell === '' ? null : cell])),
    },
  ],
};
