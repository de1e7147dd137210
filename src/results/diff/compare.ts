import type { SampleRow } from '../samples.js';
import { SummaryTable } from '../summary-table.js';
import { cellKeyText, keyOf, pairRows, type RowPair, unlikeKeys, varyingColumns } from './cells.js';
import { type CellRules, compareCell } from './compare-cell.js';
import { asksFor, cellGuards, groupGuards, runGuards, schemaGuard } from './guard.js';
import { compareHardware } from './hardware.js';
import { compareSamples, groupSamples } from './samples.js';
import { sideWithoutSpeeds, timingRatios } from './timing.js';
import type {
  CellComparison,
  DiffOptions,
  DiffResult,
  DiffSide,
  GuardGroup,
  LonelyCell,
  SideFacts,
} from './types.js';

/**
 * Compares two tables cell by cell, and sample by sample where both sides have samples. Cells pair by
 * `pairColumns`. What decides answers (settings, model, data, prompts) must be equal, or the runs are not
 * comparable; then deterministic columns must be equal, or move by no more than flipped samples explain on
 * another class of machine, and timing columns stay within their noise.
 *
 * @throws UsageError for a table that is no summary, and for two rows of one cell
 */
export function compareSides(sideA: DiffSide, sideB: DiffSide, options: DiffOptions): DiffResult {
  const { hardware, warnings } = compareHardware(sideA.manifest, sideB.manifest);
  const frame = {
    a: factsOf(sideA),
    b: factsOf(sideB),
    hardware,
    rules: {
      deterministic: deterministicRule(hardware, options.flips),
      tolerances: Object.fromEntries(options.tolerances),
    },
    warnings: [...sideA.warnings, ...sideB.warnings, ...warnings],
  };
  const schemas = schemaGuard(sideA.csv, sideB.csv);
  if (schemas !== undefined) return notCompared(frame, [schemas]);

  const [a, b] = [new SummaryTable(sideA.csv), new SummaryTable(sideB.csv)];
  const pairing = pairRows(a, b);
  const { pairs } = pairing;
  if (pairs.length === 0) {
    return notCompared(
      frame,
      unlikeKeys(a, b).map(({ name, ...values }) => ({ name, cells: 0, values: [{ ...values, cells: 0 }] })),
    );
  }

  const unmeasured = sideWithoutSpeeds(a, b);
  const { cells, same, samplesPaired, guards } = compareCells(pairs, sideA, sideB, {
    tolerances: options.tolerances,
    flips: options.flips,
    otherHardware: hardware === 'other',
    unmeasured: unmeasured !== undefined,
  });
  const onlyInA = lonely(a, pairing.onlyInA, sideB);
  const onlyInB = lonely(b, pairing.onlyInB, sideA);
  const differs =
    cells.some(({ state }) => state === 'differs') || [...onlyInA, ...onlyInB].some(({ wanted }) => wanted);
  return {
    ...frame,
    verdict: guards.length > 0 ? 'not-comparable' : differs ? 'differs' : 'same',
    cells,
    same: { count: same.length, keys: () => same.map(({ rowA }) => keyOf(a, rowA)) },
    samplesPaired,
    varying: () => varyingColumns(a, b),
    onlyInA,
    onlyInB,
    guards,
    timing: guards.length > 0 ? [] : timingRatios(pairs),
    notes: [
      ...notesOf(sideA, sideB, a, b),
      ...(unmeasured === undefined
        ? []
        : [`${unmeasured} measured no speed: timing columns are not compared`]),
    ],
  };
}

function compareCells(
  pairs: readonly RowPair[],
  sideA: DiffSide,
  sideB: DiffSide,
  rules: CellRules,
): {
  readonly cells: readonly CellComparison[];
  readonly same: readonly RowPair[];
  readonly samplesPaired: number;
  readonly guards: readonly GuardGroup[];
} {
  const manifests = { a: sideA.manifest, b: sideB.manifest };
  const seeds = new Set(pairs.map(({ a, rowA }) => a.text(rowA, 'seed')));
  const ofRun = runGuards(manifests.a, manifests.b, seeds.size === 1);
  const samplesA = groupsOf(sideA);
  const samplesB = groupsOf(sideB);
  const cells: CellComparison[] = [];
  const same: RowPair[] = [];
  let samplesPaired = 0;
  for (const pair of pairs) {
    const guards = cellGuards(pair, manifests);
    const samples = pairedSamples(pair, samplesA, samplesB);
    samplesPaired += samples?.paired ?? 0;
    const cell = compareCell(pair, rules, guards, ofRun.length > 0, samples);
    if (cell === undefined) same.push(pair);
    else cells.push(cell);
  }
  return { cells, same, samplesPaired, guards: groupGuards(cells, ofRun, pairs.length) };
}

type SampleGroups = ReadonlyMap<string, readonly SampleRow[]>;

function groupsOf({ samples, manifest }: DiffSide): SampleGroups | undefined {
  return samples === undefined || manifest === undefined ? undefined : groupSamples(samples, manifest.cells);
}

/** The samples of a cell on both sides; undefined where one side has no sample log. */
function pairedSamples({ a, rowA }: RowPair, inA: SampleGroups | undefined, inB: SampleGroups | undefined) {
  if (inA === undefined || inB === undefined) return undefined;
  const group = cellKeyText(keyOf(a, rowA));
  return compareSamples(inA.get(group) ?? [], inB.get(group) ?? []);
}

/** The cells of one table that the other lacks. */
function lonely(table: SummaryTable, rows: readonly number[], otherSide: DiffSide): LonelyCell[] {
  return rows.map((row) => {
    const key = keyOf(table, row);
    return { key, wanted: asksFor(otherSide.manifest, key) };
  });
}

type Frame = Pick<DiffResult, 'a' | 'b' | 'hardware' | 'rules' | 'warnings'>;

function notCompared(frame: Frame, guards: readonly GuardGroup[]): DiffResult {
  const same = { count: 0, keys: () => [] };
  const nothing = {
    cells: [],
    same,
    samplesPaired: 0,
    varying: () => [],
    onlyInA: [],
    onlyInB: [],
    timing: [],
    notes: [],
  };
  return { ...frame, ...nothing, verdict: 'not-comparable', guards };
}

function factsOf({ path, csv, manifest, samples }: DiffSide): SideFacts {
  return {
    path,
    kind: samples === undefined ? 'csv' : 'run',
    cells: csv.rowCount,
    state: manifest?.state ?? null,
    commit: manifest?.environment.git?.commit ?? null,
  };
}

function deterministicRule(hardware: DiffResult['hardware'], flips: number | undefined): string {
  if (flips !== undefined && flips > 0) {
    return `up to ${flips} flipped ${flips === 1 ? 'sample' : 'samples'} per cell allowed (--flips)`;
  }
  if (flips === 0) return 'deterministic columns must be equal (--flips 0)';
  if (hardware === 'other') {
    return 'up to max(1, 2 % of n) flipped samples per cell allowed (another class of CPU)';
  }
  const why = hardware === 'same' ? 'same class of CPU' : 'taken for one class of CPU';
  return `deterministic columns must be equal (${why})`;
}

function notesOf(sideA: DiffSide, sideB: DiffSide, a: SummaryTable, b: SummaryTable): string[] {
  const notes: string[] = [];
  if (sideA.realPath === sideB.realPath) notes.push('A and B are the same file');
  for (const [name, table] of [['A', a] as const, ['B', b] as const]) {
    const { extraColumns } = table;
    if (extraColumns.length === 0) continue;
    const list = extraColumns.map((column) => JSON.stringify(column)).join(', ');
    notes.push(
      `${name} has ${extraColumns.length === 1 ? 'a column' : 'columns'} that we do not know, ignored: ${list}`,
    );
  }
  const bare = [sideA, sideB].flatMap(({ manifest }, i) => (manifest === undefined ? ['AB'[i]!] : []));
  if (bare.length > 0) {
    notes.push(`no manifest beside ${bare.join(' and ')}: settings and hardware could not be compared`);
  }
  const [commitA, commitB] = [factsOf(sideA).commit, factsOf(sideB).commit];
  if (commitA !== null && commitB !== null && commitA !== commitB) {
    notes.push(`made by commit ${commitA.slice(0, 12)} in A, ${commitB.slice(0, 12)} in B`);
  }
  return notes;
}
