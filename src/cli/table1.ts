import { tableCommand } from './table.js';

export const command = tableCommand(
  'table1',
  "LLaDA: all methods on all benchmarks, as the paper's Table 1, with our figures",
  'the LLaDA reference model',
);
