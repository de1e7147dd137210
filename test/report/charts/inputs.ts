import type { ChartManifest } from '../../../src/report/charts/facts.js';
import type { RunChartsInput } from '../../../src/report/charts/run-charts.js';
import { buildTable1, type Table1Input } from '../../../src/report/table1.js';
import { table1Report } from '../../../src/report/table1-report.js';
import type { PaperRow } from '../../../src/results/paper.js';
import { rowOf } from '../rows.js';

/** The manifest of a run with vanilla as its baseline. */
export function manifestOf(change: Partial<ChartManifest> = {}): ChartManifest {
  const cell = (id: string, method: string) => ({
    ...{
      id,
      model: 'reference',
      method,
      params: {},
      benchmark: 'gsm8k',
      profile: 'mini',
      seed: '1',
      limit: 4,
    },
    ...{ configSha256: '', modelSha256: '', dataSha256: '', eosId: 0, baseline: 'gsm8k/vanilla', samples: 4 },
  });
  return {
    experiment: 'table1',
    state: 'finished',
    models: [{ id: 'reference', commit: null, sha256: '', files: [] }],
    cells: [cell('gsm8k/vanilla', 'vanilla'), cell('gsm8k/dynamic-dllm', 'dynamic-dllm')],
    device: { kind: 'cpu', name: 'cpu', driver: null, threads: 2 },
    environment: {
      ...{ node: 'v20', onnxruntime: '1', repro: '0', os: 'linux', architecture: 'x64', cpu: 'A processor' },
      ...{ cores: 2, memoryBytes: 1, git: null, lockfileSha256: null },
    },
    startedAt: '2026-11-25T12:00:00.000Z',
    shard: null,
    ...change,
  };
}

const names: Record<string, string> = {
  vanilla: 'baseline',
  'dynamic-dllm': 'Dynamic-dLLM',
  apd: 'Dynamic-dLLM*',
};

/** A published speed-up of dynamic-dllm on GSM8K. */
const published: PaperRow = {
  ...{ table: 'Table 1', model: 'llada-8b-instruct', method: 'dynamic-dllm', benchmark: 'gsm8k' },
  ...{ metric: 'speedup', relation: '=', value: '4.48', unit: 'x', setting: '', certainty: 'stated' },
  ...{ remark: '', source: 'the paper', published_model: 'LLaDA-8B-Instruct' },
  ...{ published_method: 'ours', published_benchmark: 'GSM8K' },
};

/** A run of three methods on two benchmarks, of which the last method has one. */
export function runInput(
  { paper = [published], summary, ...rest }: Partial<Table1Input> = {},
  manifest: Partial<ChartManifest> = {},
): RunChartsInput {
  const view = buildTable1({
    title: 'A table (reference model)',
    groups: [
      { name: 'One token per step', methods: ['vanilla', 'dynamic-dllm'] },
      { name: 'Parallel decoding', methods: ['apd'] },
    ].map(({ name, methods }) => ({ name, methods: methods.map((id) => ({ id, name: names[id]! })) })),
    benchmarks: [
      { id: 'mmlu', title: 'MMLU' },
      { id: 'gsm8k', title: 'GSM8K' },
    ],
    ...{ average: ['mmlu', 'gsm8k'], baseline: 'vanilla', paper },
    summary: summary ?? [
      rowOf('vanilla', 'mmlu', 3, 400, { tps_low: 9, tps_high: 11 }),
      rowOf('vanilla', 'gsm8k', 4, 400),
      rowOf('dynamic-dllm', 'mmlu', 0, 200),
      rowOf('dynamic-dllm', 'gsm8k', 2, 100, { errors: 1 }),
      rowOf('apd', 'gsm8k', 4, 80),
    ],
    ...rest,
  });
  return { report: table1Report(view), manifest: manifestOf(manifest) };
}
