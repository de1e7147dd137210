import { tableCommand } from './table.js';

export const command = tableCommand(
  'table3',
  'Dream: as table1, on a Dream model with the settings for Dream',
  'the Dream reference model',
);
