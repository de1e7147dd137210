import { gpuName, type Manifest } from '../../results/manifest.js';

/** What of a manifest a picture names. */
export type ChartManifest = Pick<
  Manifest,
  'experiment' | 'state' | 'models' | 'cells' | 'device' | 'environment' | 'startedAt' | 'shard'
>;

/** `table1; n = 16 samples a benchmark; model reference; AMD EPYC (2 cores); 2026-11-25`. */
export function runFacts(manifest: ChartManifest): string {
  const counts = manifest.cells.map(({ samples }) => samples);
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  const whole = low === high ? String(low) : `${low} to ${high}`;
  const { state, shard } = manifest;
  // The manifest knows what was planned; how far an unfinished run got stands in its table.
  const n = `n ${state === 'finished' ? '=' : '<='} ${whole} ${whole === '1' ? 'sample' : 'samples'} a benchmark`;
  return factsText(shard === null ? n : `${n}, of which part ${shard.index} of ${shard.of}`, manifest);
}

/** @param n What the picture rests on, in words: `n = 4 samples`. */
export function factsText(n: string, manifest: Omit<ChartManifest, 'cells' | 'shard'>): string {
  const { experiment, models, environment, startedAt, state } = manifest;
  const { cpu, cores } = environment;
  return [
    experiment,
    n,
    `model ${models.map(({ id }) => id).join(' and ')}`,
    gpuName(manifest) ?? `${cpu} (${cores} ${cores === 1 ? 'core' : 'cores'})`,
    startedAt.slice(0, 10),
    ...(state === 'finished' ? [] : [`not finished (${state})`]),
  ].join('; ');
}
