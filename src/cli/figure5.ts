import { figureCommand } from './figure-study.js';

export const command = figureCommand(
  'figure5',
  "How rows change near the last committed token, and attend to it, as the paper's Figure 5",
);
