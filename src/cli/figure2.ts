import { figureCommand } from './figure-study.js';

export const command = figureCommand(
  'figure2',
  "How alike layer inputs and attention outputs are from step to step, as the paper's Figure 2",
);
