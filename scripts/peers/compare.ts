import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reportError } from '../../src/cli/report-error.js';
import { UsageError } from '../../src/errors.js';
import { writeCsv } from '../../src/results/csv.js';
import { methodsNamed, openCase, peerModels } from './cases.js';
import { compareMethod, type Sides } from './compare-method.js';
import { Peer } from './peer.js';
import { comparisonColumns, comparisonTable, isAgreed, type MethodResult } from './report.js';
import { fastestTorch, refuseWithoutTorch } from './torch-peer.js';

/**
 * Our engine beside PyTorch: the same checkpoint, prompts and threads, sample by sample in turns, tokens compared.
 *
 *     npx tsx scripts/peers/compare.ts [--model reference|100m] [--methods a,b] [--threads 2] [--rounds N]
 *         [--passes N | --whole] [--prompts 6] [--prompt-length 900] [--gen-length N] [--python /usr/bin/python3]
 *         [--out FILE.csv]
 *
 * README.md says what is measured and how. Ends with 1 if tokens differ, or their order where it is no tie.
 */
function options() {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'reference' },
      methods: { type: 'string' },
      threads: { type: 'string', default: '2' },
      rounds: { type: 'string' },
      passes: { type: 'string' },
      whole: { type: 'boolean', default: false },
      prompts: { type: 'string', default: '6' },
      'prompt-length': { type: 'string', default: '900' },
      'gen-length': { type: 'string' },
      python: { type: 'string', default: '/usr/bin/python3' },
      out: { type: 'string' },
    },
  });
  const model = peerModels.find((name) => name === values.model);
  if (model === undefined) {
    throw new UsageError('PEERS_MODEL', `--model is "${values.model}"; use ${peerModels.join(' or ')}.`);
  }
  return {
    model,
    methods: methodsNamed(values.methods, model),
    threads: count('--threads', values.threads),
    rounds: count('--rounds', values.rounds),
    passes: count('--passes', values.passes),
    whole: values.whole,
    prompts: count('--prompts', values.prompts),
    promptLength: count('--prompt-length', values['prompt-length']),
    genLength: count('--gen-length', values['gen-length']),
    python: values.python,
    out: values.out,
  };
}

function count<T extends string | undefined>(
  flag: string,
  text: T,
): T extends string ? number : number | undefined {
  if (text !== undefined && !/^[1-9]\d{0,5}$/.test(text)) {
    throw new UsageError('PEERS_NUMBER', `${flag} is "${text}", but it takes a whole number from 1.`);
  }
  return (text === undefined ? undefined : Number(text)) as T extends string ? number : number | undefined;
}

async function main(): Promise<number> {
  const { model, methods, threads, python, out, ...sizes } = options();
  refuseWithoutTorch(python);
  const scratch = mkdtempSync(join(tmpdir(), 'repro-peers-'));
  const running: Peer[] = [];
  const cleanUp = () => {
    for (const peer of running) peer.close();
    rmSync(scratch, { recursive: true, force: true });
  };
  // A process that is stopped would outlive this one.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      cleanUp();
      process.exit(130);
    });
  }
  try {
    const peerCase = await openCase(model, sizes, scratch);
    const { checkpoint, prompts, generation } = peerCase;
    const serve = new URL('./serve.ts', import.meta.url).pathname;
    const ours = await Peer.start(
      process.execPath,
      [...process.execArgv, serve, checkpoint.dir, String(threads)],
      {},
    );
    running.push(ours.peer);
    const torch = await fastestTorch(
      python,
      checkpoint.dir,
      threads,
      { prompt: prompts[0]!, generation },
      running,
    );
    const sides: Sides = { ours: ours.peer, theirs: torch.peer, idleCpuMs: 0 };
    const results: MethodResult[] = [];
    for (const [id, method] of methods) {
      const result = await compareMethod(id, method, peerCase, sides);
      process.stderr.write(`${id}: ${result.ratio.toFixed(2)} times as fast\n`);
      results.push(result);
    }
    const lengths = [...new Set(prompts.map(({ length }) => length))].sort((a, b) => a - b);
    const facts = [
      `${model}: prompts of ${lengths.join(', ')} tokens, ${generation.genLength} masks in blocks of ${generation.blockLength}, ${threads} threads`,
      `PyTorch ${torch.facts.torch} on ${torch.facts.blas.join(', ')}, ${torch.threads} threads (ms a full pass: ${Object.entries(
        torch.triedMs,
      )
        .map(([name, ms]) => `${name} ${ms.toFixed(1)}`)
        .join(', ')})`,
      `CPU time of the side that was stopped, in all: ${sides.idleCpuMs} ms`,
    ];
    process.stdout.write(`${facts.join('\n')}\n${comparisonTable(results)}\n`);
    for (const { text } of results.flatMap(({ partings }) => partings)) process.stdout.write(`${text}\n`);
    if (out !== undefined) {
      const { genLength, blockLength } = generation;
      const shared = { model, promptTokens: lengths.join(' '), genLength, blockLength, threads };
      await writeCsv(...comparisonColumns(out, shared, results));
    }
    return results.every(isAgreed) ? 0 : 1;
  } finally {
    cleanUp();
  }
}

process.exitCode = await main().catch(reportError);
