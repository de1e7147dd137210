import { tableCommand } from './table.js';

export const command = tableCommand(
  'figure1',
  "Tokens per second of all methods as bars, as the paper's Figure 1: the run of table1, drawn",
  { reference: 'the LLaDA reference model', isDrawn: true },
);
