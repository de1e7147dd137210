/** Raised when a column changes its name, meaning or place. */
export const summarySchemaVersion = 1;

/**
 * The columns of summary.csv, in their order, by what they depend on. Shares (accuracy, agreement) go from 0
 * to 1; an empty cell means that there is no such number.
 */
export const columnGroups = {
  key: [
    'schema',
    'experiment',
    'model',
    'method',
    'benchmark',
    'profile',
    'seed',
    'limit',
    'config_sha256',
    'model_sha256',
    'data_sha256',
  ],
  deterministic: [
    'n',
    'errors',
    'correct',
    'accuracy',
    'accuracy_low',
    'accuracy_high',
    'agreement',
    'identical',
    'nfe_mean',
    'row_nfe_mean',
    'flops_per_token',
    'tokens_canvas',
    'tokens_to_eos',
    'tokens_non_eos',
    'tokens_retokenised',
    'tokens_per_step',
  ],
  executed: ['nfe_executed', 'row_nfe_executed', 'flops_executed'],
  timing: [
    'tps',
    'tps_low',
    'tps_high',
    'tps_to_eos',
    'tps_non_eos',
    'tps_with_prompt',
    'latency_s',
    'speedup',
    'speedup_low',
    'speedup_high',
    'peak_memory_bytes',
  ],
  paired: ['accuracy_delta', 'mcnemar_p', 'verdict'],
  published: ['paper_accuracy', 'paper_tps', 'paper_speedup', 'paper_certainty'],
} as const;

export type ColumnGroup = keyof typeof columnGroups;
export type SummaryColumn = (typeof columnGroups)[ColumnGroup][number];

export const summaryColumns: readonly SummaryColumn[] = Object.values(columnGroups).flat();

const textColumns = [
  'experiment',
  'model',
  'method',
  'benchmark',
  'profile',
  'seed',
  'config_sha256',
  'model_sha256',
  'data_sha256',
  'verdict',
  'paper_certainty',
] as const;
type TextColumn = (typeof textColumns)[number];

/** Whether a column holds text; all others hold numbers. */
export function isTextColumn(column: SummaryColumn): column is TextColumn {
  return (textColumns as readonly string[]).includes(column);
}

/** One row of summary.csv: one cell of the run. */
export type SummaryRow = Readonly<
  Record<TextColumn, string> & Record<Exclude<SummaryColumn, TextColumn>, number | null>
>;
