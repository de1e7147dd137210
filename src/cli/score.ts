import { availableParallelism } from 'node:os';
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
        defaultDescription: 'lm-eval',
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
    const { passAtKTotals, scoreText, scorerTotals } = await import('./score-text.js');
    const task = findTask(name, { profile, source: cliDataSource(data) });
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
    const scorers = scorerTotals(lines);
    const summary = {
      task: name,
      profile: task.profile,
      version: task.spec.version,
      n: lines.length,
      skipped,
      scorers,
      passAtK: passAtKTotals(lines),
    };
    process.stdout.write(json ? `${JSON.stringify({ ...summary, samples: lines })}\n` : scoreText(summary));
    return 0;
  },
});
