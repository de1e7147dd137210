import { tableCommand } from './table.js';

export const command = tableCommand(
  'figure6',
  "A fixed threshold against APD's, by where they begin, as the paper's Figure 6",
  { reference: 'the LLaDA reference model', isDrawn: true },
);
