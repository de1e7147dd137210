import { groupBy } from '../group-by.js';
import { type Sample, sha256 } from './samples.js';

/**
 * The first `limit` samples in an order fixed by the seed; without a limit, all of them in that order. A
 * smaller limit is a prefix of a larger one. Where samples have groups (MMLU subjects) the order goes round
 * the groups, so that a short run spreads over them.
 */
export function selectSamples(samples: readonly Sample[], limit: number | undefined, seed: number): Sample[] {
  const ranked = samples.map((sample): Ranked => ({ sample, rank: sha256(`${seed}:${sample.id}`) }));
  const groups = groupBy(ranked, ({ sample }) => sample.meta.group ?? '');
  for (const members of groups.values()) members.sort(byRank);

  const order: (Ranked & { round: number; groupRank: string })[] = [];
  for (const [group, members] of groups) {
    const groupRank = sha256(`${seed}:group:${group}`);
    members.forEach((member, round) => {
      order.push({ ...member, round, groupRank });
    });
  }
  order.sort((a, b) => a.round - b.round || compare(a.groupRank, b.groupRank));
  return order.slice(0, limit ?? order.length).map(({ sample }) => sample);
}

interface Ranked {
  readonly sample: Sample;
  readonly rank: string;
}

function byRank(a: Ranked, b: Ranked): number {
  return compare(a.rank, b.rank);
}

/** Code-unit order: unlike localeCompare the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
