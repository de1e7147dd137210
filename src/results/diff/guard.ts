import { isRecord, mergeLayers } from '../../config/schema-walk.js';
import type { CsvTable } from '../../formats/csv.js';
import type { Manifest } from '../manifest.js';
import { cellKeyText, keyOf, type RowPair } from './cells.js';
import type { CellComparison, Guard, GuardGroup, PairKey } from './types.js';

/** What decides answers: cells that differ in one of these are not comparable. */
export const guardColumns = ['config_sha256', 'model_sha256', 'data_sha256'] as const;

/** Tables of two schemas mean different things by their columns; undefined where both have one or no row. */
export function schemaGuard(a: CsvTable, b: CsvTable): GuardGroup | undefined {
  const [inA, inB] = [schemas(a), schemas(b)];
  if (inA === '' || inB === '' || inA === inB) return undefined;
  return { name: 'schema', cells: 0, values: [{ a: inA, b: inB, cells: 0 }] };
}

function schemas(table: CsvTable): string {
  const column = table.column('schema');
  if (column === undefined) return '';
  const found = new Set<string>();
  for (let row = 0; row < table.rowCount; row++) found.add(table.cell(row, column));
  return [...found].sort().join(', ');
}

/** Differences of two manifests that concern every cell: chat template, files of the model, seeds. */
export function runGuards(a: Manifest | undefined, b: Manifest | undefined, oneSeed: boolean): Guard[] {
  if (a === undefined || b === undefined) return [];
  const guards: Guard[] = [];
  const compare = (name: string, inA: string | null, inB: string | null): void => {
    if (inA !== inB) guards.push({ name, a: inA ?? 'none', b: inB ?? 'none' });
  };
  compare('chat template', a.chatTemplateSha256, b.chatTemplateSha256);
  for (const model of a.models) {
    const other = b.models.find(({ id }) => id === model.id);
    if (other === undefined) continue;
    const [inA, inB] = [model, other].map(({ files }) => new Map(files.map((f) => [f.name, f.sha256])));
    for (const name of new Set([...inA!.keys(), ...inB!.keys()])) {
      compare(`model file ${name}`, inA!.get(name) ?? null, inB!.get(name) ?? null);
    }
  }
  // Where a run has several seeds, each cell names its own.
  if (oneSeed) {
    for (const [name, seed] of Object.entries(a.seeds)) {
      if (b.seeds[name] !== undefined) compare(`seed ${name}`, seed, b.seeds[name]);
    }
  }
  return guards;
}

const noGuards: readonly never[] = [];

/** Why a cell is not comparable: its digests, its benchmark's data and prompt, and the settings behind them. */
export function cellGuards(
  { a, rowA, b, rowB }: RowPair,
  manifests: { readonly a: Manifest | undefined; readonly b: Manifest | undefined },
): readonly Guard[] {
  const differing = guardColumns.filter((column) => !a.same(rowA, b, rowB, column));
  if (manifests.a === undefined && differing.length === 0) return noGuards;
  const guards: Guard[] = differing.map((name) => ({ name, a: a.text(rowA, name), b: b.text(rowB, name) }));
  if (manifests.a === undefined || manifests.b === undefined) return guards;
  if (differing.includes('config_sha256')) {
    guards.push(...settingGuards(manifests.a, manifests.b, keyOf(a, rowA)));
  }
  const benchmark = a.text(rowA, 'benchmark');
  const [inA, inB] = [manifests.a.data[benchmark], manifests.b.data[benchmark]];
  if (inA === undefined || inB === undefined) return guards;
  if (inA.sha256 !== inB.sha256) {
    guards.push({ name: `data of ${benchmark}`, a: inA.sha256, b: inB.sha256 });
  }
  if (inA.promptTemplateSha256 !== inB.promptTemplateSha256) {
    const name = `prompt template of ${benchmark}`;
    guards.push({ name, a: inA.promptTemplateSha256, b: inB.promptTemplateSha256 });
  }
  return guards;
}

/** The leaves of the resolved configs that decide this cell and differ, named as `--set` names them. */
function settingGuards(a: Manifest, b: Manifest, key: PairKey): Guard[] {
  const [inA, inB] = [cellSettings(a, key), cellSettings(b, key)];
  return [...new Set([...inA.keys(), ...inB.keys()])]
    .filter((path) => inA.get(path) !== inB.get(path))
    .map((path) => ({ name: path, a: inA.get(path) ?? 'not set', b: inB.get(path) ?? 'not set' }));
}

function cellSettings(manifest: Manifest, key: PairKey): Map<string, string> {
  const id = key.method.replace(/\[.*\]$/s, '');
  const config = experimentOf(manifest, key);
  const at = (section: unknown, name: string): object => {
    const value = isRecord(section) ? section[name] : undefined;
    return isRecord(value) ? value : {};
  };
  const { cache, unmask } = at(config.methods, id) as { cache?: unknown; unmask?: unknown };
  const generation = mergeLayers(
    at(config.taskGeneration, key.benchmark),
    at(config, 'generation'),
    at(config.perBenchmark, key.benchmark),
  );
  const leaves = new Map<string, string>();
  addLeaves({ methods: { [id]: { cache, unmask } }, generation }, '', leaves);
  return leaves;
}

/** The resolved experiment that a cell belongs to; in a sweep that of a point with the cell's parameters. */
function experimentOf({ config, cells }: Manifest, key: PairKey): Record<string, unknown> {
  if (!Array.isArray(config.points)) return config;
  const params = Object.entries(cells.find((cell) => cellKeyText(cell) === cellKeyText(key))?.params ?? {});
  const point = config.points.filter(isRecord).find(({ params: own }) => {
    return params.every(
      ([path, value]) => isRecord(own) && JSON.stringify(own[path]) === JSON.stringify(value),
    );
  });
  return isRecord(point?.experiment) ? point.experiment : {};
}

function addLeaves(value: unknown, path: string, leaves: Map<string, string>): void {
  if (!isRecord(value)) {
    if (value !== undefined) leaves.set(path, typeof value === 'string' ? value : JSON.stringify(value));
    return;
  }
  for (const [key, child] of Object.entries(value))
    addLeaves(child, path === '' ? key : `${path}.${key}`, leaves);
}

/** Whether a run was asked for a cell: an absent cell is then a difference. Without a manifest it is taken to be. */
export function asksFor(manifest: Manifest | undefined, key: PairKey): boolean {
  if (manifest === undefined) return true;
  return (
    manifest.experiment === key.experiment &&
    manifest.cells.some((cell) => cellKeyText(cell) === cellKeyText(key))
  );
}

/** The guards of all cells by name, with the number of cells that each concerns. */
export function groupGuards(
  cells: readonly CellComparison[],
  ofRun: readonly Guard[],
  paired: number,
): GuardGroup[] {
  const groups = new Map<string, Map<string, { a: string; b: string; cells: number }>>();
  const add = ({ name, a, b }: Guard, cells: number): void => {
    const values = groups.get(name) ?? new Map();
    groups.set(name, values);
    const known = values.get(`${a}\n${b}`);
    if (known === undefined) values.set(`${a}\n${b}`, { a, b, cells });
    else known.cells += cells;
  };
  for (const guard of ofRun) add(guard, paired);
  for (const { guards } of cells) for (const guard of guards) add(guard, 1);
  return [...groups].map(([name, values]) => {
    const sorted = [...values.values()].sort((a, b) => b.cells - a.cells);
    return { name, cells: sorted.reduce((total, { cells }) => total + cells, 0), values: sorted };
  });
}
