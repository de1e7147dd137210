import { tableCommand } from './table.js';

export const command = tableCommand(
  'table5',
  'B_layer against B_window of Dynamic-dLLM at the long length',
  'the LLaDA reference model',
);
