import { expect } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { Rng } from '../../src/stats/rng.js';
import { draw } from '../oracle/draw.js';
import { randomTask } from '../oracle/random-task.js';
import { type RecordedPass, RecordingEngine } from '../oracle/recording-engine.js';
import { run, type Task } from '../oracle/run.js';
import { allCases, caseCount, forCases } from './cases.js';
import { type ContractCase, caseSettings, everyPass, type Outcome, outcomeOf } from './checked-run.js';
import { type ContractModels, modelOf } from './models.js';
import type { PolicyLine } from './policies.js';

/** Two graphs may round the same probabilities differently. */
const tolerance = 1e-4;

const none = cacheOptions.parse({ policy: 'none' });

/**
 * Expects a line with all rows in every pass to be as no cache: the same predictions up to rounding, and the same
 * tokens. Rounding may decide between two positions that are equally likely; that must stay an exception.
 */
export async function compareWithVanilla(
  line: PolicyLine,
  models: ContractModels,
  count: number,
): Promise<void> {
  const vanilla = vanillaOf(line, models);
  let ties = 0;
  await forCases(
    count,
    (number): ContractCase => {
      const cache = cacheOptions.parse(
        draw({ ...line.options, ...line.fullRefresh }, new Rng(`${line.name} full ${number}`)),
      );
      const model = modelOf(number);
      return { model, cache, task: fullTask(line, models, number) };
    },
    async ({ model, cache, task }, number) => {
      const { engine, dimensions } = models[model];
      const ours = await recorded(engine, dimensions, task, cache);
      const theirs = await vanilla(number);
      const comparison = compare(ours, theirs);
      expect(comparison.fault).toBeUndefined();
      if (comparison.tie) ties += 1;
      if (!('result' in ours.outcome) || !('result' in theirs.outcome)) return;
      // Layer by layer everything is computed: this is a full refresh and not a lucky cache.
      const { passes, layerRows, length } = ours.outcome.result.rows;
      expect(layerRows).toBe(passes * dimensions.layers * length);
    },
  );
  if (allCases) expect(ties).toBeLessThan(Math.max(2, caseCount(count) / 100));
}

/** Equal for all lines with the same rules, so that vanilla decodes it once. */
function fullTask({ rules }: PolicyLine, models: ContractModels, number: number): Task {
  return randomTask(`full ${number}`, models[modelOf(number)].dimensions, { rules, settings: caseSettings });
}

interface Recorded {
  readonly passes: readonly RecordedPass[];
  readonly outcome: Outcome;
}

async function recorded(...[engine, ...rest]: Parameters<typeof run>): Promise<Recorded> {
  const recording = new RecordingEngine(engine);
  const [dimensions, task, cache] = rest;
  const outcome = await outcomeOf(run(recording, dimensions, task, cache, everyPass));
  return { passes: recording.passes, outcome };
}

const decoded = new Map<PolicyLine['rules'], Map<number, Recorded>>();

function vanillaOf(line: PolicyLine, models: ContractModels): (number: number) => Promise<Recorded> {
  const known = decoded.get(line.rules) ?? new Map<number, Recorded>();
  decoded.set(line.rules, known);
  return async (number) => {
    const { twin, dimensions } = models[modelOf(number)];
    const found =
      known.get(number) ?? (await recorded(twin, dimensions, fullTask(line, models, number), none));
    known.set(number, found);
    return found;
  };
}

/** Whether two runs agree to the end, agree until rounding decided, or do not agree. */
function compare(ours: Recorded, theirs: Recorded): { fault?: string; tie?: true } {
  for (const [n, a] of ours.passes.entries()) {
    const b = theirs.passes[n];
    if (b === undefined) return { fault: `pass ${n} is one too many` };
    if (a.request.tokens.join() !== b.request.tokens.join()) return { tie: true };
    const fault = differenceOf(a, b);
    if (fault !== undefined) return { fault: `pass ${n}: ${fault}` };
  }
  if (ours.passes.length < theirs.passes.length) return { fault: 'too few passes' };
  return endOf(ours.outcome) === endOf(theirs.outcome) ? {} : { tie: true };
}

const endOf = (outcome: Outcome) => ('error' in outcome ? outcome.error : outcome.result.tokens.join());

/** Where the predictions of two passes over the same canvas differ by more than rounding. */
function differenceOf(a: RecordedPass, b: RecordedPass): string | undefined {
  const [ours, theirs] = [a.result, b.result];
  for (const [j, row] of b.request.headRows.entries()) {
    // A policy that keeps differences of the two streams predicts rows of later blocks, too.
    const i = a.request.headRows.indexOf(row);
    if (i < 0) return `row ${row} is not predicted`;
    // Where another id is drawn or two are equally likely, p1 is that of another id.
    const sameId = ours.best[i] === theirs.best[j];
    const fields = sameId ? (['p1', 'p2', 'shift', 'entropy'] as const) : (['p2'] as const);
    for (const field of fields) {
      const [x, y] = [ours[field]?.[i] ?? 0, theirs[field]?.[j] ?? 0];
      if (!Object.is(x, y) && !(Math.abs(x - y) < tolerance)) return `row ${row}: ${field} is ${x}, not ${y}`;
    }
  }
  return undefined;
}
