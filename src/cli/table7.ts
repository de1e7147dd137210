import { tableCommand } from './table.js';

export const command = tableCommand(
  'table7',
  'alpha against beta of APD: accuracy and number of passes (NFE)',
  'the LLaDA reference model',
);
