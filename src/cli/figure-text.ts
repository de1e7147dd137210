import { titleOn } from '../config/experiment-plan.js';
import { counted } from '../counted.js';
import type { FigureRun } from '../experiments/figures/study-run.js';

/** Title, what it was made of, and the short table. */
export function figureText(title: string, { manifest, samples, result }: FigureRun): string {
  const { head, rows } = result.shown;
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const table = lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  const { model, device, startedAt } = manifest;
  const made = `n = ${counted(samples, 'sample')}, model ${model.id}, ${device.name}, ${startedAt.slice(0, 10)}`;
  return `${[titleOn(title, device.name), made, '', ...table].join('\n')}\n`;
}
