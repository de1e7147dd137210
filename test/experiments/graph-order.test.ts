import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadExperiment } from '../../src/config/experiment.js';
import { singlePoint } from '../../src/config/experiment-plan.js';
import { resolveExperiment } from '../../src/config/resolve-experiment.js';
import { inGraphOrder } from '../../src/experiments/graph-order.js';
import { interleaved, planGroups } from '../../src/experiments/plan.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { packageRoot } from '../../src/paths.js';

const plan = singlePoint(resolveExperiment(loadExperiment('table1'), { limit: 3, benchmarks: ['gsm8k'] }));
const planned = [...interleaved(await planGroups(plan))];
const checkpoint = await openCheckpoint(join(packageRoot, 'models', 'reference'));
const methods = (order: readonly (typeof planned)[number][]) => order.map(({ cell }) => cell.method.id);

test('with one session alive, methods of one graph stand together, and nothing is left out', () => {
  const order = inGraphOrder(planned, { checkpoint: { ...checkpoint, totalBytes: 16e9 } }, 'cpu');
  expect(order).toHaveLength(planned.length);
  expect(new Set(order)).toEqual(new Set(planned));
  // Fast-dLLM and dKV-Cache choose rows on the host, and run on one graph.
  const turns = methods(order).map((id) => (/^fast-dllm|^dkv-cache/.test(id) ? 'host rows' : id));
  const loads = turns.filter((id, i) => id !== turns[i - 1]);
  expect(loads).toHaveLength(new Set(turns).size);
  expect(loads.length).toBeLessThan(new Set(methods(order)).size);
});

test('models with several sessions, and GPUs, keep the order', () => {
  expect(inGraphOrder(planned, { checkpoint }, 'cpu')).toBe(planned);
  expect(inGraphOrder(planned, { checkpoint: { ...checkpoint, totalBytes: 16e9 } }, 'webgpu')).toBe(planned);
});
