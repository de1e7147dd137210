import { generationOptions, resolveGeneration } from '../../src/decoding/settings.js';
import { openEngine } from '../../src/engine/open.js';
import { PeakMemory } from '../../src/measure/peak-memory.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { sliceCases } from './cases.js';
import { LoadCounter, measureSlice } from './measure-slice.js';

/**
 * Decodes with every method, one after the other in this process: `slice-child.ts DIR PROMPT-LENGTH GENERATION-JSON [METHODS]`.
 * Prints a line of JSON for each.
 */
const [dir, promptLength, options, methods = ''] = process.argv.slice(2) as [string, string, string, string?];
const generation = resolveGeneration(generationOptions.parse(JSON.parse(options)));
const memory = await PeakMemory.start();
const checkpoint = await openCheckpoint(dir);
const { dimensions } = checkpoint;
const engine = new LoadCounter(await openEngine(checkpoint));
try {
  const cases = sliceCases(dimensions, generation);
  const wanted = methods === '' ? cases : cases.filter(({ id }) => methods.split(',').includes(id));
  for (const slice of wanted) {
    const canvas = { promptLength: Number(promptLength), generation };
    const row = await measureSlice(engine, dimensions, slice, canvas, memory);
    process.stdout.write(`${JSON.stringify(row)}\n`);
  }
} finally {
  memory.stop();
  await engine.close();
}
