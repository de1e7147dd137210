import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { GraphModel } from '../../src/graph/layers.js';
import { plainSpec, type RowFamily, type StepGraphSpec, specKey } from '../../src/graph/spec.js';
import { stepGraph, stepModel } from '../../src/graph/step.js';
import { type Checkpoint, openCheckpoint } from '../../src/models/checkpoint.js';
import { fixtureModels } from '../oracle/checkpoints.js';

let checkpoint: Checkpoint;
let model: GraphModel;
beforeAll(async () => {
  checkpoint = await openCheckpoint(join(fixtureModels, 'tiny-llada-a'));
  model = { ...checkpoint.dimensions, weight: (role, layer) => checkpoint.weight(role, layer) };
});

const families: RowFamily[] = [{ kind: 'uniform' }];
for (const guardEmpty of [false, true]) {
  const paper = { kind: 'adaptive', feature: 'layer-input', valueRows: 'selected', storeRaw: false } as const;
  families.push({ ...paper, featureUpdate: 'all', guardEmpty });
  families.push({ ...paper, featureUpdate: 'selected', guardEmpty });
  const released = { kind: 'adaptive', valueRows: 'listed', featureUpdate: 'all', guardEmpty } as const;
  families.push({ ...released, feature: 'value', storeRaw: false });
  families.push({ ...released, feature: 'layer-input', storeRaw: true });
  families.push({ ...paper, feature: 'none', featureUpdate: 'all', guardEmpty });
}
const parts = ['shift', 'entropy', 'sampling', 'nucleus', 'tokenBias'] as const;
const guidances = [{}, { guidance: true }, { residualGuidance: true }] as const;

/** Every family with every subset of the optional parts, in turn with guidance and what probes ask for. */
const specs: StepGraphSpec[] = families.flatMap((rows) =>
  Array.from({ length: 2 ** parts.length }, (_, bits) => {
    const chosen = Object.fromEntries(parts.map((part, i) => [part, ((bits >> i) & 1) === 1]));
    const logits = bits % 4 === 0;
    const distances = bits % 2 === 0 && rows.kind === 'adaptive';
    return { ...plainSpec, ...chosen, ...guidances[bits % 3], logits, distances, rows };
  }),
);

describe('step graphs', () => {
  test('of all specs are well formed: every value is defined once, before its use', () => {
    for (const spec of specs) {
      const { nodes, inputs, outputs, initializers } = stepGraph(model, spec);
      const defined = new Set<string>();
      const define = (name: string) => {
        expect(defined.has(name), `${specKey(spec)}: ${name} twice`).toBe(false);
        defined.add(name);
      };
      for (const { name } of [...inputs, ...initializers]) define(name);
      for (const node of nodes) {
        for (const input of node.inputs) {
          expect(input === '' || defined.has(input), `${specKey(spec)}: ${input} is not defined`).toBe(true);
        }
        for (const output of node.outputs) define(output);
      }
      for (const { name } of outputs) expect(defined.has(name), `${specKey(spec)}: ${name}`).toBe(true);
      const used = new Set(nodes.flatMap((node) => node.inputs));
      expect(
        inputs.map(({ name }) => name).filter((name) => !used.has(name)),
        specKey(spec),
      ).toEqual([]);
    }
  });

  test('have the optional outputs and inputs of their spec only', () => {
    for (const spec of specs) {
      const { inputs, outputs } = stepGraph(model, spec);
      const has = (list: readonly { name: string }[], name: string) => list.some((v) => v.name === name);
      expect(has(outputs, 'logits')).toBe(spec.logits);
      expect(has(outputs, 'shift')).toBe(spec.shift);
      expect(has(inputs, 'previous')).toBe(spec.shift);
      expect(has(inputs, 'noise')).toBe(spec.sampling);
      expect(has(inputs, 'argmax_bias')).toBe(spec.tokenBias);
      expect(has(inputs, 'u.ids')).toBe(spec.guidance);
      expect(has(inputs, 'guidance_fresh')).toBe(spec.residualGuidance);
      expect(has(outputs, 'residual')).toBe(spec.residualGuidance);
      expect(has(outputs, 'entropy')).toBe(spec.entropy);
      expect(has(outputs, 'distances')).toBe(spec.distances);
      expect(has(inputs, 'top_p')).toBe(spec.nucleus);
    }
  });

  test('point every weight of the model into the files of the checkpoint', () => {
    const { initializers } = stepGraph(model, plainSpec);
    const external = initializers.filter((tensor) => 'external' in tensor);
    expect(external.map(({ name }) => name).sort()).toEqual([...checkpoint.weights.keys()].sort());
    for (const tensor of external) {
      const weight = checkpoint.weights.get(tensor.name)!;
      expect(tensor.external).toEqual({
        location: weight.file,
        offset: weight.offset,
        length: weight.bytes,
      });
    }
  });

  test('are the same bytes for the same spec, and differ where the keys of their specs do', () => {
    const byKey = new Map<string, string>();
    const bytesOf = (spec: StepGraphSpec) => Buffer.from(stepModel(model, spec)).toString('base64');
    for (const rows of families) {
      const spec = { ...plainSpec, rows };
      expect(bytesOf(spec)).toBe(bytesOf(spec));
      byKey.set(specKey(spec), bytesOf(spec));
    }
    expect(byKey.size).toBe(families.length);
    expect(new Set(byKey.values()).size).toBe(families.length);
    expect(new Set(specs.map(specKey)).size).toBe(specs.length);
  });
});
