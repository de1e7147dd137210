import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { mean } from '../../src/stats/summary.js';
import { falseAlarms, neighbourAlarms, type Recording, roundSpeeds } from './a-vs-a-trials.js';

/**
 * Whether the noise of real timings makes a method differ from itself:
 *
 *     npx tsx scripts/stats/a-vs-a.ts [RECORDING.json]... [--trials 200]
 *
 * The rounds of one method, drawn at random into two runs of K rounds each, are called different by
 * `ratioEstimate` in so many of the trials. Exits 1 if that is more than 5 % for any K over all methods. A rate
 * from a hundred times as many trials stands beside it, since 200 of them leave 1.5 points of chance. The last
 * column, reported only, is of runs of 5 that follow each other: drift between two runs is no noise within them.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { trials: { type: 'string', default: '200' } },
});
const trials = Number(values.trials);
const paths = positionals.length > 0 ? positionals : ['test/fixtures/timings/reference-gsm8k.json'];
const runLengths = [3, 5, 10];
const percent = (rate: number): string => `${(rate * 100).toFixed(1)} %`;

let tooMany = 0;
for (const path of paths) {
  const { about, denoiseMs } = JSON.parse(readFileSync(path, 'utf8')) as Recording;
  const methods = Object.entries(denoiseMs);
  console.log(`${path}: ${Object.values(about).join(', ')}\n`);
  console.log(['method', 'spread', ...runLengths.map((k) => `K = ${k}`), 'neighbours'].map(pad).join(''));
  const rates = methods.map(([method, rounds]) => {
    const speeds = roundSpeeds(rounds);
    const centre = mean(speeds);
    const spread = Math.sqrt(mean(speeds.map((speed) => (speed / centre - 1) ** 2)));
    const ofMethod = runLengths.map((k) => falseAlarms(speeds, k, trials, `${method} ${k}`));
    const long = runLengths.map((k) => falseAlarms(speeds, k, 100 * trials, `long ${method} ${k}`));
    const cells = ofMethod.map((rate, i) => `${percent(rate)} (${percent(long[i]!)})`);
    console.log([method, percent(spread), ...cells, percent(neighbourAlarms(speeds, 5))].map(pad).join(''));
    return ofMethod;
  });
  const overall = runLengths.map((_, i) => mean(rates.map((ofMethod) => ofMethod[i]!)));
  console.log(['all', '', ...overall.map(percent)].map(pad).join(''));
  tooMany += overall.filter((rate) => rate > 0.05).length;
}
console.log(
  tooMany === 0 ? '\nAt most 5 % called different.' : `\n${tooMany} times more than 5 % called different.`,
);
process.exitCode = tooMany === 0 ? 0 : 1;

function pad(text: string, column: number): string {
  return text.padEnd(column === 0 ? 26 : column === 1 ? 10 : 18);
}
