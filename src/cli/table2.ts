import { tableCommand } from './table.js';

export const command = tableCommand(
  'table2',
  'LLaDA-1.5: as table1, with the settings that the paper takes for LLaDA-1.5',
  'the LLaDA reference model',
);
