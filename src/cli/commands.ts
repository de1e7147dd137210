import type { CliCommand } from './command.js';

/** What the overview needs to know of a command, and how to get the rest. */
export interface CommandEntry {
  /** As in the command's own `command` and `describe`, so that the overview loads nothing. */
  readonly usage: string;
  readonly summary: string;
  load(): Promise<{ readonly command: CliCommand }>;
}

/** All commands by name, in the order of the overview. */
export const commands: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>([
  [
    'table1',
    {
      usage: 'table1',
      summary: "LLaDA: all methods on all benchmarks, as the paper's Table 1, with our figures",
      load: () => import('./table1.js'),
    },
  ],
  [
    'table2',
    {
      usage: 'table2',
      summary: 'LLaDA-1.5: as table1, with the settings that the paper takes for LLaDA-1.5',
      load: () => import('./table2.js'),
    },
  ],
  [
    'table3',
    {
      usage: 'table3',
      summary: 'Dream: as table1, on a Dream model with the settings for Dream',
      load: () => import('./table3.js'),
    },
  ],
  [
    'table4',
    {
      usage: 'table4',
      summary: "The paper's settings beside ours: lengths of the benchmarks, and what the methods take",
      load: () => import('./table4.js'),
    },
  ],
  [
    'table5',
    {
      usage: 'table5',
      summary: 'B_layer against B_window of Dynamic-dLLM at the long length',
      load: () => import('./table5.js'),
    },
  ],
  [
    'table6',
    {
      usage: 'table6',
      summary: 'APD at three lengths, with and without the cache of Dynamic-dLLM',
      load: () => import('./table6.js'),
    },
  ],
  [
    'table7',
    {
      usage: 'table7',
      summary: 'alpha against beta of APD: accuracy and number of passes (NFE)',
      load: () => import('./table7.js'),
    },
  ],
  [
    'table8',
    {
      usage: 'table8',
      summary: 'The time that choosing rows (DCU) and thresholds (APD) adds, at three lengths',
      load: () => import('./table8.js'),
    },
  ],
  [
    'table9',
    {
      usage: 'table9',
      summary: 'GSM8K and HumanEval with all methods on your device, which the title names',
      load: () => import('./table9.js'),
    },
  ],
  [
    'figure1',
    {
      usage: 'figure1',
      summary: "Tokens per second of all methods as bars, as the paper's Figure 1: the run of table1, drawn",
      load: () => import('./figure1.js'),
    },
  ],
  [
    'figure2',
    {
      usage: 'figure2',
      summary: "How alike layer inputs and attention outputs are from step to step, as the paper's Figure 2",
      load: () => import('./figure2.js'),
    },
  ],
  [
    'figure4',
    {
      usage: 'figure4',
      summary:
        "Whether the change of a layer input foretells that of K, V, attention and FFN, as the paper's Figure 4",
      load: () => import('./figure4.js'),
    },
  ],
  [
    'figure5',
    {
      usage: 'figure5',
      summary: "How rows change near the last committed token, and attend to it, as the paper's Figure 5",
      load: () => import('./figure5.js'),
    },
  ],
  [
    'figure6',
    {
      usage: 'figure6',
      summary: "A fixed threshold against APD's, by where they begin, as the paper's Figure 6",
      load: () => import('./figure6.js'),
    },
  ],
  [
    'figure7',
    {
      usage: 'figure7',
      summary: "Right predictions that wait below a fixed threshold, as the paper's Figures 2e and 7",
      load: () => import('./figure7.js'),
    },
  ],
  [
    'apd-drift',
    {
      usage: 'apd-drift',
      summary: "How APD's thresholds move from step to step, with the paper's weights and the released ones",
      load: () => import('./apd-drift.js'),
    },
  ],
  [
    'config',
    {
      usage: 'config [file]',
      summary: 'What an experiment or sweep would run: settings, cells, hash, and about how long',
      load: () => import('./config.js'),
    },
  ],
  [
    'estimate',
    {
      usage: 'estimate [experiment]',
      summary: 'What an experiment will take on this machine: time, memory and disk, from passes timed now',
      load: () => import('./estimate.js'),
    },
  ],
  [
    'run',
    {
      usage: 'run <file>',
      summary: 'Run an experiment or a sweep of your own',
      load: () => import('./run.js'),
    },
  ],
  [
    'sweep',
    {
      usage: 'sweep <file>',
      summary: 'Run an experiment for every combination of the values that it sweeps',
      load: () => import('./sweep.js'),
    },
  ],
  [
    'merge',
    {
      usage: 'merge <dirs..>',
      summary: 'Join the shards of a run into one',
      load: () => import('./merge.js'),
    },
  ],
  [
    'report',
    {
      usage: 'report <run>',
      summary:
        'Show the table of a run again from its files: terminal, Markdown, LaTeX, CSV, JSON, a page; draw its figures',
      load: () => import('./report.js'),
    },
  ],
  [
    'generate',
    {
      usage: 'generate',
      summary: 'Denoise one response and show its text, or every step of it',
      load: () => import('./generate.js'),
    },
  ],
  [
    'verify',
    {
      usage: 'verify [dirs..]',
      summary: 'Compare our decoding with traces recorded from the official implementations',
      load: () => import('./verify.js'),
    },
  ],
  [
    'drift',
    {
      usage: 'drift [experiment]',
      summary: 'What int8 or int4 changes: predictions, tokens, and how many answers are right',
      load: () => import('./drift.js'),
    },
  ],
  [
    'bench',
    {
      usage: 'bench',
      summary: 'Time denoising passes beside their own products and what the device reaches at best',
      load: () => import('./bench.js'),
    },
  ],
  [
    'diff',
    {
      usage: 'diff <a> <b>',
      summary: 'Compare two runs or summary CSVs: same, different, or not comparable',
      load: () => import('./diff.js'),
    },
  ],
  [
    'tasks',
    {
      usage: 'tasks <action> [name]',
      summary: 'List the benchmarks, or show the exact prompt of any sample, without a model',
      load: () => import('./tasks.js'),
    },
  ],
  [
    'models',
    {
      usage: 'models <action> [names..]',
      summary: 'List the models, pull them from the hub, check a folder, or write one with random weights',
      load: () => import('./models.js'),
    },
  ],
  [
    'data',
    {
      usage: 'data <action> [sets..]',
      summary: 'List the data sets, pull them from the hub, or check what is there',
      load: () => import('./data.js'),
    },
  ],
  [
    'score',
    {
      usage: 'score <file>',
      summary: 'Score outputs anew: lines of {record, output}, or samples.jsonl of a run',
      load: () => import('./score.js'),
    },
  ],
  [
    'explain',
    {
      usage: 'explain [method]',
      summary: 'What a method does, its settings, and where paper and released code differ',
      load: () => import('./explain.js'),
    },
  ],
  [
    'doctor',
    {
      usage: 'doctor',
      summary: 'Check that this machine and this installation can run everything',
      load: () => import('./doctor.js'),
    },
  ],
]);
