import type { Manifest } from '../../results/manifest.js';
import { deviceKind } from '../../results/manifest.js';
import { html, type Markup } from './markup.js';

/** State, date, device and size of a run in one line, such as the head of its page has. */
export function headline(manifest: Manifest, samples: number): string {
  const { state, startedAt, device, models, cells } = manifest;
  return [
    stateWords[state],
    startedAt.slice(0, 10),
    `${device.name} (${deviceKind(manifest)}, ${count(device.threads, 'thread')})`,
    `${count(models.length, 'model')}: ${models.map(({ id }) => id).join(', ')}`,
    `${count(cells.length, 'cell')}, ${count(samples, 'sample')} decoded`,
  ].join(' · ');
}

const stateWords: Readonly<Record<Manifest['state'], string>> = {
  finished: 'finished',
  running: 'not finished: going on, or killed',
  interrupted: 'not finished: interrupted',
  failed: 'not finished: failed',
};

/** What the figures of a run depend on, for people: the manifest has all of it. */
export function factList(manifest: Manifest): Markup {
  const { environment, device, python, certificate, model, models, data, shard } = manifest;
  const git =
    environment.git === null
      ? ''
      : `, commit ${environment.git.commit.slice(0, 12)}${environment.git.dirty ? ' and changes' : ''}`;
  const facts: readonly (readonly [string, string | readonly string[]])[] = [
    ['command', `repro ${manifest.command.join(' ')}`],
    ['started', manifest.startedAt],
    ['ended', manifest.endedAt ?? 'not yet'],
    ['state', stateWords[manifest.state]],
    ['resumed', manifest.resumed === 0 ? 'never' : count(manifest.resumed, 'time')],
    ['part', shard === null ? 'the whole run' : `${shard.index} of ${shard.of}`],
    ['device', `${device.name} (${deviceKind(manifest)}), driver ${device.driver ?? 'none'}`],
    ['threads', `${device.threads} a decoding, ${count(manifest.workers, 'decoding')} at a time`],
    ['processor', `${environment.cpu}, ${count(environment.cores, 'core')}`],
    ['memory', `${(environment.memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ['system', `${environment.os}, ${environment.architecture}`],
    ['repro', `${environment.repro}${git}`],
    ['node', environment.node],
    ['onnxruntime', environment.onnxruntime],
    ['python', python == null ? 'none ran' : `${python.interpreter} (${python.backend})`],
    ['engine verified', certificateText(certificate)],
    [
      'models',
      (models.length === 0 ? [model] : models).map(
        ({ id, commit, sha256 }) =>
          `${id}, ${commit === null ? 'a local folder' : `commit ${commit}`}, sha256 ${sha256}`,
      ),
    ],
    [
      'data',
      Object.entries(data).map(([id, { file, sha256: digest }]) => `${id}: ${file}, sha256 ${digest}`),
    ],
    ['settings', `sha256 ${manifest.configSha256}`],
    ['seeds', Object.entries(manifest.seeds).map(([name, seed]) => `${name} ${seed}`)],
    [
      'same decoding, timed again',
      manifest.canaries.map(
        ({ model: id, denoiseMs }) => `${id}: ${denoiseMs.map((ms) => ms.toFixed(1)).join(', ')} ms`,
      ),
    ],
  ];
  return html`<dl class="facts">${facts
    .filter(([, value]) => value.length > 0)
    .map(
      ([name, value]) =>
        html`<dt>${name}</dt><dd>${[value].flat().map((line) => html`<div>${line}</div>`)}</dd>`,
    )}</dl>
`;
}

function certificateText(certificate: Manifest['certificate']): string {
  if (certificate == null) return 'no certificate of this device when the run began';
  const { passed, failed, skipped, createdAt } = certificate;
  return `${passed} of ${passed + failed + skipped} recorded vectors (${createdAt.slice(0, 10)})`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
