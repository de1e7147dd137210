import { figureCommand } from './figure-study.js';

export const command = figureCommand(
  'figure4',
  "Whether the change of a layer input foretells that of K, V, attention and FFN, as the paper's Figure 4",
);
