import type { MeasureOptions } from '../config/measure-options.js';
import { InterruptedError } from '../decoding/errors.js';
import { type RepeatRow, repeatSchemaVersion } from '../results/repeats.js';
import { byCell, type RowLog } from '../results/row-log.js';
import { type SampleRow, sampleKey } from '../results/samples.js';
import { roundSpeeds, timedSamples } from '../results/timings.js';
import { roundsEstimate } from '../stats/rounds.js';
import type { PlannedCell, PlannedGroup } from './plan.js';
import type { RunEvent } from './progress.js';
import { type SampleContext, timeSample } from './run-sample.js';

export interface RepeatOptions {
  readonly groups: readonly PlannedGroup[];
  readonly measure: MeasureOptions;
  /** The answers of these groups. */
  readonly samples: readonly SampleRow[];
  /** One session alone. */
  readonly context: SampleContext;
  readonly log: RowLog<RepeatRow>;
  /** Those of earlier sittings; new ones are added. */
  readonly repeats: RepeatRow[];
  readonly budgetMs: number;
  readonly onEvent: (event: RunEvent) => void;
}

/** A cell with the samples that are decoded again, and their times so far. */
class RepeatedCell {
  readonly group: PlannedGroup;
  readonly cell: PlannedCell;
  readonly rows: readonly SampleRow[];
  readonly repeats: RepeatRow[];
  /** The round under way. */
  round = 1;

  constructor(group: PlannedGroup, cell: PlannedCell, rows: readonly SampleRow[], repeats: RepeatRow[]) {
    this.group = group;
    this.cell = cell;
    this.rows = rows;
    this.repeats = repeats;
  }

  /** Whether another round is worth its time. */
  isPending({ minRounds, maxRounds, precision }: MeasureOptions): boolean {
    if (this.rows.length === 0) return false;
    const speeds = roundSpeeds(timedSamples(this.rows, this.repeats));
    const rounds = Math.max(speeds.length, this.rows[0]!.output!.timings.shared === true ? 0 : 1);
    if (rounds < Math.max(minRounds, 2)) return maxRounds > rounds;
    return rounds < maxRounds && roundsEstimate(speeds)!.relativeHalfWidth > precision;
  }

  /** Begins the first round that is not complete. */
  nextRound(): void {
    const has = (round: number, row: SampleRow) =>
      this.repeats.some((repeat) => repeat.round === round && repeat.sample === row.sample);
    this.round = 2;
    while (this.rows.every((row) => has(this.round, row))) this.round += 1;
  }

  isDone(row: SampleRow): boolean {
    return this.repeats.some(({ round, sample }) => round === this.round && sample === row.sample);
  }
}

/**
 * Decodes the first samples of every cell again, round by round and cells in turns, until each cell's speed is
 * known as well as the options ask for, or the time is over. Answers are not touched: ids that differ from the
 * first decoding are only noted.
 *
 * @throws InterruptedError after an interruption; rounds so far are kept.
 */
export async function repeatForPrecision(options: RepeatOptions): Promise<void> {
  const { measure, context, repeats, budgetMs, onEvent } = options;
  const cells = repeatedCells(options);
  const deadline = context.clock() + budgetMs;
  for (let round = 1; ; round++) {
    const pending = cells.filter((cell) => cell.isPending(measure));
    const leftMs = deadline - context.clock();
    if (pending.length === 0 || leftMs <= 0) break;
    onEvent({ kind: 'round', round, pending: pending.length, cells: cells.length, budgetLeftMs: leftMs });
    for (const cell of pending) cell.nextRound();
    await oneRound(pending, round, deadline, options);
  }
  onEvent({
    kind: 'repeats-end',
    model: context.model.config.id,
    imprecise: cells.filter((cell) => cell.isPending({ ...measure, maxRounds: Number.POSITIVE_INFINITY }))
      .length,
    cells: cells.length,
    differing: repeats.filter(({ same }) => !same).length,
  });
}

async function oneRound(
  cells: readonly RepeatedCell[],
  round: number,
  deadline: number,
  { context, log, repeats, measure }: RepeatOptions,
): Promise<void> {
  for (const group of new Set(cells.map((cell) => cell.group))) {
    const members = cells.filter((cell) => cell.group === group);
    for (let i = 0; i < measure.repeatSamples; i++) {
      for (const m of members.keys()) {
        const member = members[(round + i + m) % members.length]!;
        const row = member.rows[i];
        if (row === undefined || member.isDone(row)) continue;
        if (context.signal?.aborted) throw new InterruptedError();
        if (context.clock() >= deadline) return;
        const sample = group.samples.find(({ id }) => id === row.sample)!;
        const { denoiseMs, ids } = await timeSample({ group, cell: member.cell, sample }, context);
        const same =
          ids.length === row.output!.ids.length && ids.every((id, at) => id === row.output!.ids[at]);
        const repeat: RepeatRow = {
          schema: repeatSchemaVersion,
          ...{ cell: member.cell.id, sample: row.sample, round: member.round, denoiseMs, same },
        };
        await log.append(repeat);
        repeats.push(repeat);
        member.repeats.push(repeat);
      }
    }
  }
}

/** Failed samples have no time that could be measured again. */
function repeatedCells({ groups, measure, samples, repeats }: RepeatOptions): RepeatedCell[] {
  const repeatsOf = byCell(repeats);
  const answers = new Map(samples.map((row) => [sampleKey(row), row]));
  return groups.flatMap((group) =>
    group.cells.map((cell) => {
      const rows = group.samples
        .map(({ id }) => answers.get(sampleKey({ cell: cell.id, sample: id })))
        .filter((row) => row !== undefined && row.output !== null)
        .slice(0, measure.repeatSamples) as SampleRow[];
      return new RepeatedCell(group, cell, rows, [...(repeatsOf.get(cell.id) ?? [])]);
    }),
  );
}
