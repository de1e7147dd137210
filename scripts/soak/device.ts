import { parseArgs } from 'node:util';
import { firstAdapter } from '../../src/engine/adapters.js';
import { openLocalEngine } from '../../src/engine/open.js';
import type { AdaptivePlan, RowPlan } from '../../src/engine/types.js';
import { plainSpec, type RowFamily, type StepGraphSpec } from '../../src/graph/spec.js';
import { Rng } from '../../src/stats/rng.js';

/**
 * Many passes on the GPU, over samples of changing length, rows and methods: is the memory of the process flat? On a
 * software adapter the device's memory is part of it; on a real one look at its own tool beside this.
 *
 *     npx tsx scripts/soak/device.ts --model DIR [--passes 10000] [--sample 40]
 *
 * Prints resident memory ten times, and the growth from the second tenth to the last.
 */
const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    passes: { type: 'string', default: '10000' },
    sample: { type: 'string', default: '40' },
  },
});
if (values.model === undefined) throw new Error('--model DIR is missing');
const passes = Number(values.passes);
const perSample = Number(values.sample);

const adaptive: RowFamily = {
  kind: 'adaptive',
  feature: 'layer-input',
  valueRows: 'selected',
  featureUpdate: 'all',
  storeRaw: false,
  guardEmpty: false,
};
const specs: readonly StepGraphSpec[] = [
  plainSpec,
  { ...plainSpec, shift: true },
  { ...plainSpec, rows: adaptive, shift: true },
  { ...plainSpec, rows: { ...adaptive, feature: 'value', valueRows: 'listed' } },
];

const adapter = await firstAdapter();
const engine = await openLocalEngine({ device: 'webgpu', adapter, checkpointDir: values.model, threads: 1 });
const rng = new Rng('device soak');
const resident: number[] = [];
let spec = plainSpec;
let length = 0;
for (let pass = 0; pass < passes; pass++) {
  const first = pass % perSample === 0;
  if (first) {
    spec = specs[(pass / perSample) % specs.length]!;
    length = 16 + rng.below(16);
    await engine.begin({ spec, length });
  }
  const tokens = Int32Array.from({ length }, () => rng.below(200));
  const plan = planOf(spec.rows, first);
  const headRows = plan.kind === 'uniform' ? plan.rows.slice(0, 4) : Int32Array.of(length - 2, length - 1);
  await engine.step({ tokens, headRows, plan, pass: pass % perSample });
  if ((pass + 1) % (passes / 10) === 0) {
    resident.push(process.memoryUsage().rss);
    console.log(`${pass + 1} passes: ${(resident.at(-1)! / 2 ** 20).toFixed(1)} MiB resident`);
  }
}
await engine.close();
const growth = resident.at(-1)! - resident[1]!;
console.log(`growth from the second tenth to the last: ${(growth / 2 ** 20).toFixed(1)} MiB`);

/** All rows first, then a few of random number. */
function planOf(rows: RowFamily, first: boolean): RowPlan {
  const all = Int32Array.from({ length }, (_, i) => i);
  const count = first ? length : 1 + rng.below(8);
  if (rows.kind === 'uniform') return { kind: 'uniform', rows: all.slice(0, count), store: 'all' };
  const plan: AdaptivePlan = {
    kind: 'adaptive',
    mandatory: new Uint8Array(engine.layers * length).fill(first ? 1 : 0),
    candidates: new Uint8Array(length).fill(1),
    scope: new Uint8Array(length).fill(1),
    budgets: new Int32Array(engine.layers).fill(first ? 0 : count),
  };
  return rows.valueRows === 'listed' ? { ...plan, valueRows: { first: all, others: all } } : plan;
}
