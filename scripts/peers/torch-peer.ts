import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { MethodOptions } from '../../src/decoding/method.js';
import type { Generation } from '../../src/decoding/settings.js';
import { UsageError } from '../../src/errors.js';
import { packageRoot } from '../../src/paths.js';
import { sum } from '../../src/stats/summary.js';
import { Peer } from './peer.js';
import type { Decoded } from './protocol.js';

export interface TorchFacts {
  readonly torch: string;
  readonly threads: number;
  /** Files of the BLAS that it has loaded. */
  readonly blas: readonly string[];
}

export interface TorchPeer {
  readonly peer: Peer;
  readonly facts: TorchFacts;
  /** How OpenMP's threads wait: `default`, or the value of OMP_WAIT_POLICY. */
  readonly waiting: string;
}

const folder = join(packageRoot, 'scripts', 'peers');

/** @throws UsageError `PEERS_TORCH` */
export function refuseWithoutTorch(python: string): void {
  try {
    execFileSync(python, ['-c', 'import numpy, torch'], { stdio: 'ignore' });
  } catch {
    throw new UsageError(
      'PEERS_TORCH',
      `${python} has no PyTorch to compare with; type "apt-get install python3-torch python3-numpy libopenblas0-pthread", or name another Python with --python.`,
    );
  }
}

async function startTorch(python: string, dir: string, threads: number, waiting: string): Promise<TorchPeer> {
  const env = {
    PYTHONPATH: folder,
    PYTHONDONTWRITEBYTECODE: '1',
    OMP_NUM_THREADS: String(threads),
    OPENBLAS_NUM_THREADS: String(threads),
    ...(waiting === 'default' ? {} : { OMP_WAIT_POLICY: waiting }),
  };
  const args = ['-m', 'torch_peers.serve', dir, '--threads', String(threads)];
  const { peer, greeting } = await Peer.start<TorchFacts>(python, args, env);
  return { peer, facts: greeting, waiting };
}

/**
 * PyTorch on its better foot. Its OpenMP threads spin after each operation, and those of OpenBLAS want the same
 * cores: depending on the machine it is faster to let them sleep. The setting that decodes the prompt's first passes
 * faster, of two tries each, is kept.
 *
 * @param started Receives every process that was started.
 */
export async function fasterTorch(
  python: string,
  dir: string,
  threads: number,
  sample: { readonly prompt: readonly number[]; readonly generation: Generation },
  started: Peer[],
): Promise<TorchPeer & { readonly triedMs: Readonly<Record<string, number>> }> {
  const vanilla: MethodOptions = { cache: { policy: 'none' }, unmask: { rule: 'model' } };
  const tried: { torch: TorchPeer; ms: number }[] = [];
  for (const waiting of ['default', 'passive']) {
    const torch = await startTorch(python, dir, threads, waiting);
    started.push(torch.peer);
    const tries: number[] = [];
    for (let i = 0; i < 2; i++) {
      const { passMs } = await torch.peer.ask<Decoded>({ ...sample, ...vanilla, passes: 2 });
      tries.push(sum(passMs) / passMs.length);
    }
    tried.push({ torch, ms: Math.min(...tries) });
  }
  tried.sort((a, b) => a.ms - b.ms);
  for (const { torch } of tried.slice(1)) torch.peer.close();
  return {
    ...tried[0]!.torch,
    triedMs: Object.fromEntries(tried.map(({ torch, ms }) => [torch.waiting, ms])),
  };
}
