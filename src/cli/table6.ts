import { tableCommand } from './table.js';

export const command = tableCommand(
  'table6',
  'APD at three lengths, with and without the cache of Dynamic-dLLM',
  'the LLaDA reference model',
);
