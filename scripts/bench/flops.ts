import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { listModels } from '../../src/config/model.js';
import { generationOptions, resolveGeneration } from '../../src/decoding/settings.js';
import { benchPrompt } from '../../src/experiments/passes/bench-prompt.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { compareFlops, methodsOf } from './method-flops.js';
import { benchMethod, benchModelDir } from './models.js';

/**
 * The analytic FLOPs of one sample against those of the nodes that onnxruntime ran, for every method:
 *
 *     npx tsx scripts/bench/flops.ts [--models reference,reference-dream,random] [--methods a,b]
 *         [--prompt-length 64] [--gen-length 128] [--block-length 32] [--steps 64] [--cfg 0]
 *
 * `random` is a model of 30 M parameters. The prompt is a random one: what is counted are shapes. "Nominal" is
 * the method as published, "analytic" the count of the rows that the engine reports, "executed" the sum over
 * the matrix products of onnxruntime's trace. "Other" is all other float arithmetic of the trace, which the
 * analytic count leaves out, relative to the products; "ratio with it" compares everything, counted from rows
 * by `other-flops.ts`, with every node of the trace.
 */
const { values } = parseArgs({
  options: {
    models: { type: 'string', default: listModels().join(',') },
    methods: { type: 'string' },
    'prompt-length': { type: 'string', default: '64' },
    'gen-length': { type: 'string', default: '128' },
    'block-length': { type: 'string', default: '32' },
    steps: { type: 'string', default: '64' },
    cfg: { type: 'string', default: '0' },
  },
});
const generation = resolveGeneration(
  generationOptions.parse({
    genLength: Number(values['gen-length']),
    blockLength: Number(values['block-length']),
    steps: Number(values.steps),
    cfg: Number(values.cfg),
  }),
);
const promptLength = Number(values['prompt-length']);

const scratch = await mkdtemp(join(tmpdir(), 'repro-flops-'));
try {
  const table = new Table({
    head: [
      'model',
      'method',
      'runs',
      'nominal GFLOP',
      'analytic',
      'executed',
      'ratio',
      'other',
      'ratio with it',
    ],
    style: { head: [], border: [] },
  });
  for (const name of values.models.split(',')) {
    const checkpointDir = await benchModelDir(name, scratch, promptLength + generation.genLength);
    const { dimensions } = await openCheckpoint(checkpointDir);
    const { family } = dimensions;
    const promptIds = benchPrompt(promptLength, dimensions);
    const wanted = values.methods?.split(',');
    for (const id of methodsOf(family, generation)) {
      if (wanted !== undefined && !wanted.includes(id)) continue;
      process.stderr.write(`${name} ${id}\n`);
      const { nominal, analytic, others, executed } = await compareFlops({
        checkpointDir,
        method: benchMethod(id, family),
        generation,
        promptIds,
        savings: true,
      });
      const giga = [nominal, analytic, executed.products].map((flops) => (flops / 1e9).toFixed(3));
      const ratio = (analytic / executed.products).toFixed(6);
      const other = `${((100 * executed.others) / executed.products).toFixed(2)} %`;
      const all =
        others === undefined ? '' : ((analytic + others) / (executed.products + executed.others)).toFixed(6);
      table.push([`${name} (${family})`, id, executed.runs, ...giga, ratio, other, all]);
    }
  }
  process.stdout.write(`${table.toString()}\n`);
} finally {
  await rm(scratch, { recursive: true });
}
