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
  /** Threads of its own operators and of its BLAS, and how the former wait. */
  readonly threads: string;
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

/** How its two pools of threads are set. */
interface TorchThreads {
  /** Of its own operators (OpenMP). */
  readonly openmp: number;
  /** Of OpenBLAS, whose threads are others. */
  readonly blas: number;
  /** OMP_WAIT_POLICY; `default` = unset, which spins. */
  readonly waiting: 'default' | 'passive';
}

/** All that may be the fastest with so many threads at most; one thread waits for none. */
function settings(threads: number): TorchThreads[] {
  const counts = [...new Set([threads, 1])];
  return counts.flatMap((openmp) =>
    counts.flatMap((blas) =>
      (openmp > 1 ? (['default', 'passive'] as const) : (['default'] as const)).map((waiting) => ({
        ...{ openmp, blas, waiting },
      })),
    ),
  );
}

function nameOf({ openmp, blas, waiting }: TorchThreads): string {
  return `OpenMP ${openmp}${waiting === 'passive' ? ' passive' : ''} + BLAS ${blas}`;
}

async function startTorch(python: string, dir: string, threads: TorchThreads): Promise<TorchPeer> {
  const { openmp, blas, waiting } = threads;
  const env = {
    PYTHONPATH: folder,
    PYTHONDONTWRITEBYTECODE: '1',
    OMP_NUM_THREADS: String(openmp),
    OPENBLAS_NUM_THREADS: String(blas),
    ...(waiting === 'default' ? {} : { OMP_WAIT_POLICY: waiting }),
  };
  const args = ['-m', 'torch_peers.serve', dir, '--threads', String(openmp)];
  const { peer, greeting } = await Peer.start<TorchFacts>(python, args, env);
  return { peer, facts: greeting, threads: nameOf(threads) };
}

/**
 * PyTorch on its best foot. Its OpenMP threads spin after each operation, and those of OpenBLAS want the same
 * cores: depending on the machine and the model it is faster to let them sleep, or to have fewer. The setting that decodes
 * the prompt's first passes fastest, of two tries each, is kept.
 *
 * @param started Receives every process that was started.
 */
export async function fastestTorch(
  python: string,
  dir: string,
  threads: number,
  sample: { readonly prompt: readonly number[]; readonly generation: Generation },
  started: Peer[],
): Promise<TorchPeer & { readonly triedMs: Readonly<Record<string, number>> }> {
  const vanilla: MethodOptions = { cache: { policy: 'none' }, unmask: { rule: 'model' } };
  const tried: { torch: TorchPeer; ms: number }[] = [];
  for (const setting of settings(threads)) {
    const torch = await startTorch(python, dir, setting);
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
    triedMs: Object.fromEntries(tried.map(({ torch, ms }) => [torch.threads, ms])),
  };
}
