import type { CacheOptions } from '../../src/caching/registry.js';
import type { ModelDimensions } from '../../src/models/types.js';
import type { RecordedPass } from '../oracle/recording-engine.js';
import type { Task } from '../oracle/run.js';

/** One sample, as far as limits on its rows depend on it. */
interface Sample {
  readonly task: Task;
  readonly dimensions: ModelDimensions;
  readonly passes: readonly RecordedPass[];
}

/**
 * What is wrong with how many rows a policy computed, by its options and `methods.md` alone: rows that the policy
 * must compute, and the most that it may.
 */
export function limitFault(options: CacheOptions, sample: Sample): string | undefined {
  for (const [n, pass] of sample.passes.entries()) {
    const fault = pass.request.plan.kind === 'uniform' ? uniformFault : adaptiveFault;
    const found = fault(options, sample, n, pass);
    if (found !== undefined) return `pass ${n}: ${found}`;
  }
  return undefined;
}

function uniformFault(options: CacheOptions, { task, dimensions }: Sample, n: number, pass: RecordedPass) {
  const { plan, tokens } = pass.request;
  if (plan.kind !== 'uniform') return undefined;
  const full = plan.rows.length === tokens.length;
  if (plan.rows.some((row, i) => i > 0 && row <= plan.rows[i - 1]!)) return 'rows not ascending';
  switch (options.policy) {
    case 'none':
      return full ? undefined : 'not all rows';
    case 'prefix':
    case 'dual': {
      const { blockLength } = task.generation;
      const [first, count] = [plan.rows[0]! - task.promptIds.length, plan.rows.length];
      const expected = options.policy === 'dual' ? blockLength : task.generation.genLength - first;
      return full || (first % blockLength === 0 && count === expected) ? undefined : 'neither block nor all';
    }
    case 'dkv-greedy':
      return n > 0 || full ? undefined : 'the first pass is not full';
    default: {
      const computed = new Set(plan.rows);
      const predicting = (i: number) => (dimensions.predictsNext ? Math.max(0, i - 1) : i);
      const missing = tokens.findIndex(
        (id, i) => i >= task.promptIds.length && id === dimensions.maskId && !computed.has(predicting(i)),
      );
      return missing < 0 ? undefined : `the masked position ${missing} has no row`;
    }
  }
}

function adaptiveFault(options: CacheOptions, sample: Sample, n: number, pass: RecordedPass) {
  switch (options.policy) {
    case 'dcu':
      return dcuFault(options, sample, n, pass);
    case 'dllm-cache': {
      const { genLength, cfg } = sample.task.generation;
      // The unconditional stream runs on the first five passes and at its interval.
      const runs = cfg > 0 && (n < 5 || due(options.guidanceInterval, n));
      if (runs !== (pass.request.unconditionalPlan !== undefined))
        return 'unconditional stream at a wrong pass';
      return promptResponseFault(options, sample, n, pass, Math.trunc(genLength * options.updateRatio));
    }
    case 'dcu-released': {
      const { layerBudget } = options;
      const budget = n < 2 ? layerBudget : Math.floor((32 * layerBudget) / sample.dimensions.layers);
      return promptResponseFault(options, sample, n, pass, budget + windowWidth(options.windowSize));
    }
    default:
      return `${options.policy} chooses no rows by layer`;
  }
}

const due = (interval: number, n: number) => interval === -1 || n % interval === 0;

const windowWidth = (size: number) => 2 * Math.floor(size / 2) + 1;

function dcuFault(
  options: Extract<CacheOptions, { policy: 'dcu' }>,
  { task, passes }: Sample,
  n: number,
  { request, result }: RecordedPass,
): string | undefined {
  const layerRows = result.layerRows!;
  if (n === 0) {
    return layerRows.every((rows) => rows.length === request.tokens.length) ? undefined : 'not full';
  }
  const eighth = Math.floor(task.generation.genLength / 8);
  const layerBudget = options.auto ? eighth : options.layerBudget;
  const width = windowWidth(options.auto ? eighth : options.windowSize);
  const before = passes[n - 1]!.request.tokens;
  const committed = [...before.keys()].filter((i) => before[i] !== request.tokens[i]);
  const keys = options.keyToken === 'all' ? committed.length : Math.min(1, committed.length);
  const rounded = options.rounding === 'round' ? 0.5 : 0;
  const total = layerRows.reduce((sum, rows) => sum + rows.length, 0);
  if (total > layerRows.length * (layerBudget + rounded + keys * width)) return `${total} rows`;
  for (const [layer, rows] of layerRows.entries()) {
    if (keys > 0 && !committed.some((i) => rows.includes(i)))
      return `layer ${layer} leaves the key token out`;
    if (options.scope === 'gen' && rows.some((row) => row < task.promptIds.length)) return 'a prompt row';
  }
  return undefined;
}

/** Layer 0 complete; in the others prompt and response at their intervals, in between `most` response rows. */
function promptResponseFault(
  { promptInterval, responseInterval }: { promptInterval: number; responseInterval: number },
  { task }: Sample,
  n: number,
  { request, result }: RecordedPass,
  most: number,
): string | undefined {
  const { length } = task.promptIds;
  for (const [layer, rows] of result.layerRows!.entries()) {
    const prompt = rows.filter((row) => row < length).length;
    const response = rows.length - prompt;
    const { genLength } = task.generation;
    if (layer === 0 && rows.length !== request.tokens.length) return 'layer 0 is not complete';
    if (layer > 0 && prompt !== (due(promptInterval, n) ? length : 0)) return `${prompt} rows of the prompt`;
    if (layer === 0) continue;
    if (due(responseInterval, n) ? response !== genLength : response > most)
      return `${response} of the response`;
  }
  return undefined;
}
