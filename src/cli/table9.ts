import { tableCommand } from './table.js';

export const command = tableCommand(
  'table9',
  'GSM8K and HumanEval with all methods on your device, which the title names',
  'the LLaDA reference model',
);
