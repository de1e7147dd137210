/**
 * Writes results/paper/*.csv from a list of published numbers:
 * `npx tsx scripts/paper/derive.ts <paper-numbers.csv> results/paper`.
 *
 * Only rows about the tables of Dynamic-dLLM (arXiv 2606.26120) are taken, whoever quotes them, with their
 * source and certainty; names are mapped to ours, the published ones stand beside them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCsv, writeCsv } from '../../src/results/csv.js';
import { type PaperRow, paperColumns, paperParams } from '../../src/results/paper.js';

/** Sources that speak of this paper; others in the list are other papers' own tables, or third-party runs. */
const sources = [
  /^Dynamic-dLLM arXiv 2606\.26120/,
  /^papernotes\.org note on Dynamic-dLLM/,
  /^GitHub Romaanj\/dllm-cheap-refresh notes \(third party quoting the paper\)/,
  /^GitHub mukul54\/DYNAMIC-DLLM README/,
  /^OpenReview SdnkB5pGbq/,
  /^derived: /,
  /^inferred: /,
];

const models = new Map([
  ['LLaDA-8B-Instruct', 'llada-8b-instruct'],
  ['LLaDA-8B-Instruct (assumed)', 'llada-8b-instruct'],
  ['LLaDA-1.5', 'llada-1.5'],
  ['Dream-v0-7B-Instruct', 'dream-7b-instruct'],
  ['all', 'all'],
  ['all three', 'all'],
]);

const methods = new Map([
  ['baseline', 'vanilla'],
  ['dLLM-Cache', 'dllm-cache'],
  ['dKV-Cache', 'dkv-cache'],
  ['Fast-dLLM (cache)', 'fast-dllm'],
  ['Fast-dLLM* (cache + parallel)', 'fast-dllm-dual-parallel'],
  ['Dynamic-dLLM', 'dynamic-dllm'],
  ['Dynamic-dLLM (DCU only)', 'dynamic-dllm'],
  ['Dynamic-dLLM* (DCU+APD)', 'dynamic-dllm-apd'],
  ['fixed threshold 0.9', 'fast-dllm-parallel'],
  ['dynamic vs fixed threshold, init 0.9', 'apd'],
  ['all', 'all'],
  ['-', ''],
]);

const benchmarks = new Map([
  ['MMLU', 'mmlu'],
  ['ARC-C', 'arc'],
  ['GPQA', 'gpqa'],
  ['GSM8K', 'gsm8k'],
  ['Math', 'math'],
  ['HumanEval', 'humaneval'],
  ['average over tasks', 'average'],
  ['average over tasks (the prose reads as GSM8K; see next rows)', 'average'],
  ['not named (GSM8K likely)', ''],
  ['all', 'all'],
  ['-', ''],
]);

const files = new Map([
  ['Table 1', 'table1'],
  ['Table 2', 'table2'],
  ['Table 3', 'table3'],
  ['Tables 1-3', 'tables1-3'],
  ['Table 4', 'table4'],
  ['Table 7', 'table7'],
  ['Table 9 (assumed)', 'table9'],
  ['Figure 4', 'figure4'],
  ['Figure 6(c)', 'figure6'],
  ['Section 4.1 / Appendix B.2', 'settings'],
  ['Appendix B.2', 'settings'],
  ['Appendix E.1', 'settings'],
]);

function ours(map: ReadonlyMap<string, string>, published: string, kind: string): string {
  const id = map.get(published);
  if (id === undefined) throw new Error(`no ${kind} of ours for ${JSON.stringify(published)}`);
  return id;
}

/** "APD alpha=0.01 beta=0.008" names settings of one method. */
function methodOf(published: string): string {
  return published.startsWith('APD alpha') ? 'apd' : ours(methods, published, 'method');
}

/** The settings that such a name states, by our paths. */
function paramsOf(published: string): string {
  return [...published.matchAll(/\b(alpha|beta)=([\d.]+)/g)]
    .map(([, name, value]) => `method.unmask.${name}=${value}`)
    .join(';');
}

function relationOf(value: string): Pick<PaperRow, 'relation' | 'value'> {
  if (/^\d+(\.\d+)?$/.test(value)) return { relation: '=', value };
  const marked = /^(>|about )(\d+(\.\d+)?)$/.exec(value);
  if (marked !== null) return { relation: marked[1] === '>' ? '>' : '~', value: marked[2]! };
  if (/^[\d.]+-[\d.]+$/.test(value)) return { relation: 'range', value };
  // A rule instead of a number, such as gen_len/8.
  return { relation: '=', value };
}

/** "derived, +-0.05" is certainty "derived" and the remark "+-0.05"; "low: ..." is a quotation with a doubt. */
function certaintyOf(text: string): Pick<PaperRow, 'certainty' | 'remark'> {
  if (text.startsWith('low: ')) return { certainty: 'secondary', remark: text };
  const match = /^(stated|secondary|inferred|derived)(?:[,;] (.*))?$/.exec(text);
  if (match === null) throw new Error(`unknown certainty ${JSON.stringify(text)}`);
  return { certainty: match[1] as PaperRow['certainty'], remark: match[2] ?? '' };
}

const [input, output] = process.argv.slice(2);
if (input === undefined || output === undefined) {
  throw new Error('usage: npx tsx scripts/paper/derive.ts <paper-numbers.csv> results/paper');
}
const byFile = new Map<string, (PaperRow & { params: string })[]>();
for (const row of parseCsv(readFileSync(input, 'utf8'), input)) {
  if (!sources.some((pattern) => pattern.test(row.source!))) continue;
  const file = ours(files, row.table!, 'file');
  const rows = byFile.get(file) ?? [];
  byFile.set(file, rows);
  rows.push({
    table: row.table!,
    model: ours(models, row.model!, 'model'),
    method: methodOf(row.method!),
    benchmark: ours(benchmarks, row.benchmark!, 'benchmark'),
    metric: row.metric === 'pass@1' ? 'accuracy' : row.metric!,
    ...relationOf(row.value!),
    unit: row.unit!,
    setting: row.setting!,
    ...certaintyOf(row.certainty!),
    source: row.source!,
    published_model: row.model!,
    published_method: row.method!,
    published_benchmark: row.benchmark!,
    params: paramsOf(row.method!),
  });
}
for (const [file, rows] of byFile) {
  const columns = rows.some(({ params }) => params !== '') ? [...paperColumns, paperParams] : paperColumns;
  await writeCsv(join(output, `${file}.csv`), columns, rows);
}
