import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../errors.js';
import { defineCommand } from './command.js';
import { cliDataSource, dataFlag } from './data-flag.js';
import { pythonFlag, resolvePython } from './python-flag.js';

export const command = defineCommand({
  command: 'score <file>',
  describe: 'Score outputs anew: lines of {record, output}, or samples.jsonl of a run',
  builder: (yargs) =>
    pythonFlag(dataFlag(yargs))
      .positional('file', { type: 'string', demandOption: true, describe: 'JSON lines' })
      .option('task', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'gsm8k, humaneval, minerva_math; "repro tasks list" has them all',
      })
      .option('profile', {
        type: 'string',
        requiresArg: true,
        defaultDescription: 'that of the run, else lm-eval',
        describe: 'Protocol: lm-eval, opencompass, opencompass-llada, mini',
      })
      .option('family', {
        choices: ['llada', 'dream'] as const,
        requiresArg: true,
        default: 'llada' as const,
        describe: 'Whose special tokens stand in outputs, and whose order of decoding holds',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print every line as one JSON object' })
      .example(
        'repro score outputs.jsonl --task gsm8k',
        'both filters of lm-eval on outputs of another program',
      )
      .example(
        'repro score RUN_DIR/samples.jsonl --task gsm8k --profile mini',
        'what a run has stored, scored again',
      ),
  handler: async ({ file, task: name, profile, family, data, python, json }) => {
    const { findTask } = await import('../tasks/library.js');
    const { rescore } = await import('../experiments/rescore.js');
    const { createPythonRunner } = await import('../sandbox/runner.js');
    const { scoreText, scoreTotals } = await import('./score-text.js');
    const ran = profile ?? (await recordedProfile(file, name));
    const task = findTask(name, { profile: ran, source: cliDataSource(data) });
    const { lines, skipped } = await rescore(
      file,
      task,
      family,
      createPythonRunner({ backend: await resolvePython(python), concurrency: availableParallelism() }),
    );
    if (lines.length === 0) {
      throw new UsageError(
        'SCORE_FILE',
        `${file} has no output of ${task.id}: ${skipped} lines are of other benchmarks or have none.`,
      );
    }
    const summary = {
      ...{ task: name, profile: task.profile, version: task.spec.version, n: lines.length, skipped },
      ...scoreTotals(lines),
    };
    process.stdout.write(json ? `${JSON.stringify({ ...summary, samples: lines })}\n` : scoreText(summary));
    return 0;
  },
});

/** The profile that a run beside the file had for a benchmark; nothing for other files. */
async function recordedProfile(file: string, benchmark: string): Promise<string | undefined> {
  const path = join(dirname(file), 'manifest.json');
  if (basename(file) !== 'samples.jsonl' || !existsSync(path)) return undefined;
  const { readManifest } = await import('../results/manifest.js');
  const { cells } = await readManifest(path);
  return cells.find((cell) => cell.benchmark === benchmark)?.profile;
}
