import type { MethodOptions } from '../../src/decoding/method.js';
import { sum } from '../../src/stats/summary.js';
import { describeDifference, differentTokens, firstDifference, isTie } from './agree.js';
import type { PeerCase } from './cases.js';
import {
  compareSpeeds,
  composedMs,
  countKinds,
  passesWithAllKinds,
  passKinds,
  type TimedPair,
} from './compose.js';
import type { Peer } from './peer.js';
import type { DecodeCall, Decoded, Margins, MarginsCall } from './protocol.js';
import type { MethodResult, Parting } from './report.js';

/** Both sides, and what the one that had to wait used of the processor meanwhile. */
export interface Sides {
  readonly ours: Peer;
  readonly theirs: Peer;
  idleCpuMs: number;
}

interface Turn {
  readonly answer: Decoded;
  /** Of all threads of the side. */
  readonly cpuMs: number;
}

async function inTurn(
  sides: Sides,
  call: DecodeCall,
  oursFirst: boolean,
): Promise<{ ours: Turn; theirs: Turn }> {
  const turn = async (peer: Peer, idle: Peer): Promise<Turn> => {
    const [own, other] = [await peer.cpuMs(), await idle.cpuMs()];
    const answer = await peer.ask<Decoded>(call);
    sides.idleCpuMs += (await idle.cpuMs()) - other;
    return { answer, cpuMs: (await peer.cpuMs()) - own };
  };
  const first = oursFirst ? await turn(sides.ours, sides.theirs) : undefined;
  const theirs = await turn(sides.theirs, sides.ours);
  return { ours: first ?? (await turn(sides.ours, sides.theirs)), theirs };
}

/**
 * Decodes every prompt with a method on both sides, round by round, the side that begins changing with the round.
 * A sample that is not counted comes first.
 */
export async function compareMethod(
  id: string,
  method: MethodOptions,
  peerCase: PeerCase,
  sides: Sides,
): Promise<MethodResult> {
  const { prompts, generation, checkpoint, goals } = peerCase;
  const schedule = passKinds(method, generation);
  const cut = peerCase.passes !== undefined && schedule !== undefined;
  const passes = cut ? passesWithAllKinds(schedule, peerCase.passes) : null;
  // Where the tokens decide how many passes there are, a sample on a large model is decoded whole and takes long.
  const rounds =
    peerCase.passes !== undefined && schedule === undefined ? Math.min(3, peerCase.rounds) : peerCase.rounds;
  const callFor = (prompt: readonly number[]): DecodeCall => ({ ...method, prompt, generation, passes });
  const milliseconds = ({ passMs }: Decoded) => (cut ? composedMs(schedule, passMs) : sum(passMs));

  await inTurn(sides, { ...callFor(prompts[0]!), passes: peerCase.warmUpPasses }, true);
  const pairs: TimedPair[] = [];
  const cpuMs = { ours: 0, theirs: 0 };
  const parts = new Map<number, Parting>();
  let wrongTokens = 0;
  let compared = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [index, prompt] of prompts.entries()) {
      const turns = await inTurn(sides, callFor(prompt), round % 2 === 0);
      const [ours, theirs] = [turns.ours.answer, turns.theirs.answer];
      pairs.push({ oursMs: milliseconds(ours), theirsMs: milliseconds(theirs) });
      cpuMs.ours += turns.ours.cpuMs;
      cpuMs.theirs += turns.theirs.cpuMs;
      compared += sum(theirs.steps.map((step) => step.length));
      wrongTokens += differentTokens(ours, theirs, checkpoint.dimensions.maskId);
      const difference = firstDifference(ours, theirs);
      if (difference === undefined || parts.has(index)) continue;
      const call: MarginsCall = { ...callFor(prompt), margins: true, passes: 0 };
      const own = await sides.ours.ask<Margins>({ ...call, passes: difference.oursPass + 1 });
      const other = await sides.theirs.ask<Margins>({ ...call, passes: difference.theirsPass + 1 });
      const text = `${id}, prompt ${index}: ${describeDifference(difference, own, other)}`;
      parts.set(index, { text, tie: isTie(difference, own, other) });
    }
    process.stderr.write(`${id}: round ${round + 1} of ${rounds}\n`);
  }
  return {
    method: id,
    timed: cut ? countKinds(schedule, passes!, pairs.length) : 'whole samples',
    pairs: pairs.length,
    compared,
    cpuRatio: cpuMs.theirs / cpuMs.ours,
    partings: [...parts.values()],
    wrongTokens,
    goal: goals[id],
    ...compareSpeeds(pairs, generation.genLength),
  };
}
