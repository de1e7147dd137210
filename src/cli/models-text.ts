import { byteSize, counted, gigabytes } from '../counted.js';
import type { CheckedModel, ListedCache, ListedModel } from './models-facts.js';
import type { PulledModel } from './models-pull.js';
import type { WrittenRandom } from './models-random.js';
import { styled } from './style.js';

export function renderModels(models: readonly ListedModel[]): string {
  const width = Math.max(...models.map(({ id }) => id.length));
  return models
    .map(({ id, family, hub, folder }) => {
      const where = folder ?? `${hub}, not here: repro models pull ${hub}`;
      return `${id.padEnd(width)}  ${family.padEnd(5)}  ${where}`;
    })
    .join('\n');
}

/** What the caches take, and how it is had back; nothing where they are empty. */
export function renderCaches(caches: readonly ListedCache[]): string {
  const what = {
    converted: 'models in another precision',
    prepacked: 'packed weights',
    random: 'random models of repro bench',
  } as const;
  return caches
    .map(({ kind, folder, bytes, entries }) => {
      const size = `${byteSize(bytes)} in ${counted(entries, 'folder')}`;
      return `\n${what[kind]}: ${size} in ${folder}; delete what is not wanted, it is made anew when it is needed`;
    })
    .join('');
}

const marks = { ok: ['green', 'ok'], note: ['yellow', 'note'], broken: ['red', 'broken'] } as const;

export function renderChecked(models: readonly CheckedModel[], stream: NodeJS.WriteStream): string {
  return models.map((model) => checkedLines(model, stream).join('\n')).join('\n\n');
}

function checkedLines(model: CheckedModel, stream: NodeJS.WriteStream): string[] {
  const { name, dir, findings, bytes, memory, machine } = model;
  const facts = findings.map(({ part, state, text }) => {
    const [colour, word] = marks[state];
    return `${styled(colour, word.padEnd(6), stream)} ${part.padEnd(9)} ${text}`;
  });
  const needs = memory.map(({ device, precision, totalBytes, tokens }) => {
    const fits = device === 'cpu' && totalBytes > machine.totalBytes;
    const [colour, word] = fits ? (['red', 'large'] as const) : (['gray', '-'] as const);
    const here = device === 'cpu' ? `, this machine has ${gigabytes(machine.totalBytes)} GB` : '';
    return `${styled(colour, word.padEnd(6), stream)} memory    ${device} ${precision}: about ${gigabytes(totalBytes)} GB for a canvas of ${tokens}${here}`;
  });
  const size = bytes === 0 ? '' : `, ${gigabytes(bytes)} GB of weights`;
  return [`${name === dir ? name : `${name} in ${dir}`}${size}`, ...facts, ...needs];
}

export function renderPulled(models: readonly PulledModel[]): string {
  return models
    .map((model) => {
      const { name, commit, files, pulledBytes } = model;
      const head = `${name} at ${commit}: ${counted(files, 'file')}, ${gigabytes(pulledBytes)} GB`;
      return [head, ...checkedLines(model, process.stdout).slice(1)].join('\n');
    })
    .join('\n\n');
}

export function renderRandom({ dir, like, parameters, bytes, shards, elapsedMs }: WrittenRandom): string {
  const size = `${counted(parameters, 'parameter')}, ${gigabytes(bytes)} GB in ${counted(shards, 'shard')}`;
  return `${dir}: random weights in the layout of ${like}, ${size}, ${(elapsedMs / 1000).toFixed(1)} s`;
}
