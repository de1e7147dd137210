import { appendFile, writeFile } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import type { DiffResult, Verdict } from '../results/diff/types.js';
import { defineCommand } from './command.js';
import { checkWhole } from './plan-flags.js';

const exitCodes: Readonly<Record<Verdict, number>> = { same: 0, differs: 1, 'not-comparable': 3 };

export const command = defineCommand({
  command: 'diff <a> <b>',
  describe: 'Compare two runs or summary CSVs: same, different, or not comparable',
  builder: (yargs) =>
    yargs
      .positional('a', { type: 'string', demandOption: true, describe: 'Summary CSV or folder of a run' })
      .positional('b', { type: 'string', demandOption: true, describe: 'What to compare it with' })
      .option('tolerance', {
        type: 'array',
        string: true,
        requiresArg: true,
        default: [] as string[],
        defaultDescription: 'none',
        describe: 'What a column may move: tps=10%, timing=0.1 (parts of A), accuracy=0.01 (a difference)',
      })
      .option('flips', {
        type: 'number',
        requiresArg: true,
        describe:
          'Samples that may be judged differently per cell; default: none on one class of CPU, else max(1, 2 % of n)',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
      .option('markdown', { type: 'boolean', default: false, describe: 'Print Markdown' })
      .option('junit', {
        type: 'string',
        requiresArg: true,
        describe: 'Write a JUnit report, one test case a cell',
      })
      .epilogue(
        'Exit codes: 0 same, 1 different, 2 usage, 3 not comparable (settings, model, data or prompts).',
      )
      .example(
        'repro diff results/reference/table1-quick.csv results/runs/mine',
        'a run against a committed table',
      )
      .example('repro diff a.csv b.csv --tolerance tps=10% --markdown', 'for a comment on a pull request'),
  handler: async (args) => {
    const { flips } = args;
    checkWhole('--flips', flips, 0);
    if (args.json && args.markdown) {
      throw new UsageError('FLAG', '--json and --markdown both go to stdout: give one of them.');
    }
    const { openDiffSide } = await import('../experiments/diff-side.js');
    const { compareSides } = await import('../results/diff/compare.js');
    const { parseTolerances } = await import('../results/diff/tolerance.js');
    const tolerances = parseTolerances(args.tolerance);
    const [a, b] = [await openDiffSide(args.a, 'A'), await openDiffSide(args.b, 'B')];
    const result = compareSides(a, b, { tolerances, flips });
    if (args.junit !== undefined) await writeJunit(args.junit, result);
    await appendStepSummary(result);
    process.stdout.write(await textFor(result, args));
    return exitCodes[result.verdict];
  },
});

async function textFor(result: DiffResult, args: { json: boolean; markdown: boolean }): Promise<string> {
  if (args.json) return (await import('../report/diff/json.js')).jsonReporter.render(result);
  if (args.markdown) return (await import('../report/diff/markdown.js')).markdownReporter.render(result);
  const { humanReporter } = await import('../report/diff/human.js');
  const text = humanReporter.render(result);
  if (process.env.GITHUB_ACTIONS !== 'true') return text;
  const { githubReporter } = await import('../report/diff/github.js');
  return text + githubReporter.render(result);
}

async function writeJunit(path: string, result: DiffResult): Promise<void> {
  const { junitReporter } = await import('../report/diff/junit.js');
  await writeFile(path, junitReporter.render(result)).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError('JUNIT_NOT_WRITABLE', `--junit ${path}: cannot be written (${error.code}).`);
  });
}

/** The file in which GitHub collects what a step has to say. That it cannot be written is no fault of the runs. */
async function appendStepSummary(result: DiffResult): Promise<void> {
  const path = process.env.GITHUB_STEP_SUMMARY ?? '';
  if (path === '') return;
  const { markdownReporter } = await import('../report/diff/markdown.js');
  await appendFile(path, markdownReporter.render(result)).catch((error: NodeJS.ErrnoException) => {
    process.stderr.write(`repro: GITHUB_STEP_SUMMARY ${path} cannot be written (${error.code}).\n`);
  });
}
