import { figureCommand } from './figure-study.js';

export const command = figureCommand(
  'figure7',
  "Right predictions that wait below a fixed threshold, as the paper's Figures 2e and 7",
);
