import { openLocalEngine } from '../../src/engine/open.js';
import type { RowPlan, StepEngine } from '../../src/engine/types.js';
import { plainSpec, type StepGraphSpec } from '../../src/graph/spec.js';
import { flops } from '../../src/measure/flops.js';
import type { Checkpoint } from '../../src/models/checkpoint.js';
import { bareLinears } from './linears.js';

/** Something whose CPU time is measured. */
export interface BenchCase {
  readonly id: string;
  readonly what: string;
  /** Multiplications and additions of its matrix products, attention included. */
  readonly gflop: number;
  run(): Promise<unknown>;
}

export interface BenchShape {
  /** L: rows of the canvas. */
  readonly length: number;
  /** m: rows of a partial step, per layer. */
  readonly rows: number;
  readonly threads: number;
}

const dcuSpec: StepGraphSpec = {
  ...plainSpec,
  rows: {
    kind: 'adaptive',
    feature: 'layer-input',
    valueRows: 'selected',
    featureUpdate: 'all',
    storeRaw: false,
    guardEmpty: false,
  },
};

/** The steps under comparison and the bare linears, on two engines: one a family of rows. */
export async function benchCases(
  checkpoint: Checkpoint,
  { length, rows, threads }: BenchShape,
): Promise<{ cases: BenchCase[]; close(): Promise<void> }> {
  const { dimensions } = checkpoint;
  const open = async (spec: StepGraphSpec): Promise<StepEngine> => {
    const engine = await openLocalEngine({ checkpointDir: checkpoint.dir, threads });
    await engine.begin({ spec, length });
    return engine;
  };
  const uniform = await open(plainSpec);
  const adaptive = await open(dcuSpec);
  const linears = await bareLinears(checkpoint, threads);

  const tokens = Int32Array.from({ length }, (_, i) => (i * 7919) % (dimensions.vocabSize - 2));
  const all = Int32Array.from(tokens, (_, i) => i);
  // Spread over the canvas, as the rows of an adaptive step are.
  const some = Int32Array.from({ length: rows }, (_, i) => Math.floor((i * length) / rows));
  const step = (engine: StepEngine, plan: RowPlan, headRows: Int32Array) => {
    tokens[0] = (tokens[0]! + 1) % (dimensions.vocabSize - 2);
    return engine.step({ tokens, headRows, plan, pass: 0 });
  };
  const chosen = (budget: number): RowPlan => ({
    kind: 'adaptive',
    mandatory: new Uint8Array(dimensions.layers * length).fill(budget === length ? 1 : 0),
    candidates: new Uint8Array(length).fill(1),
    scope: new Uint8Array(length).fill(1),
    budgets: new Int32Array(dimensions.layers).fill(budget === length ? 0 : budget),
  });
  /** Of `m` rows a layer against `keys` keys, `head` rows through the head. */
  const gflop = (m: number, keys: number, head = m) =>
    flops(dimensions, {
      length: keys,
      layerRows: m * dimensions.layers,
      valueOnlyRows: 0,
      headRows: head,
    }) / 1e9;
  const uniformStep = (m: Int32Array, store: 'all' | 'none', head = m) =>
    step(uniform, { kind: 'uniform', rows: m, store }, head);

  const cases: BenchCase[] = [
    {
      id: 'linears-full',
      what: `bare linears, ${length} rows`,
      gflop: gflop(length, 0),
      run: () => linears.run(length, length),
    },
    {
      id: 'full',
      what: `uniform step, ${length} rows`,
      gflop: gflop(length, length),
      run: () => uniformStep(all, 'none'),
    },
    {
      id: 'full-store',
      what: `uniform step, ${length} rows, K and V stored`,
      gflop: gflop(length, length),
      run: () => uniformStep(all, 'all'),
    },
    {
      id: 'adaptive-full',
      what: `adaptive step (dcu), ${length} rows a layer`,
      gflop: gflop(length, length),
      run: () => step(adaptive, chosen(length), all),
    },
    {
      id: 'linears-partial',
      what: `bare linears, ${rows} rows`,
      gflop: gflop(rows, 0),
      run: () => linears.run(rows, rows),
    },
    {
      id: 'partial',
      what: `uniform step, ${rows} rows`,
      gflop: gflop(rows, length),
      run: () => uniformStep(some, 'all'),
    },
    {
      id: 'adaptive',
      what: `adaptive step (dcu), ${rows} rows a layer`,
      gflop: gflop(rows, length),
      run: () => step(adaptive, chosen(rows), some),
    },
    {
      id: 'linears-block',
      what: `bare linears, ${length} rows, ${rows} of them through the head`,
      gflop: gflop(length, 0, rows),
      run: () => linears.run(length, rows),
    },
    {
      id: 'full-block',
      what: `uniform step, ${length} rows, ${rows} of them through the head`,
      gflop: gflop(length, length, rows),
      run: () => uniformStep(all, 'none', some),
    },
  ];
  const close = async () => {
    for (const owner of [uniform, adaptive, linears]) await owner.close();
  };
  return { cases, close };
}
