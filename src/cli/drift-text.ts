import type { PrecisionDrift } from '../experiments/precision-drift/run-precision-drift.js';

/** A precision beside fp32, as text. */
export function driftText(
  { exact, converted, bytes, predictions, cells }: PrecisionDrift,
  precision: string,
): string {
  const head = `${converted} beside ${exact}: weights of ${megabytes(bytes.converted)} MB in place of ${megabytes(bytes.exact)} MB`;
  const columns = [
    'method on benchmark',
    'n',
    'fp32 %',
    `${precision} %`,
    'McNemar p',
    'same tokens %',
    'identical %',
    'verdict',
  ];
  const rows = cells.map(
    ({ cell, n, exactAccuracy, convertedAccuracy, mcnemarP, agreement, identical, verdict }) => [
      cell,
      String(n),
      percent(exactAccuracy),
      percent(convertedAccuracy),
      mcnemarP === null ? '-' : mcnemarP.toPrecision(2),
      percent(agreement),
      percent(identical),
      verdict,
    ],
  );
  const lines = [columns, ...rows];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const last = columns.length - 1;
  const table = lines.map((line) =>
    line
      .map((text, i) => (i === 0 || i === last ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
  return `${[head, '', ...predictionLines(predictions), '', ...table].join('\n')}\n`;
}

function predictionLines(predictions: PrecisionDrift['predictions']): string[] {
  if (predictions === undefined) return ['predictions: none was compared'];
  const { rows, klMean, klMedian, kl99, klMax, changed } = predictions;
  const nats = (kl: number) => kl.toPrecision(2);
  return [
    `predictions on the same canvases (of the baseline in fp32, ${rows} masked positions):`,
    `  KL(fp32 || converted) in nats: mean ${nats(klMean)}, median ${nats(klMedian)}, 99 % ${nats(kl99)}, largest ${nats(klMax)}`,
    `  another likeliest token: ${percent(changed)} %`,
  ];
}

function percent(share: number | null): string {
  return share === null ? '-' : (100 * share).toFixed(1);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
