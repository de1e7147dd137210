import Table from 'cli-table3';
import { counted } from '../counted.js';
import { benchParts } from '../experiments/bench/bench-csv.js';
import type { BenchMethod, BenchReport } from '../experiments/bench/bench-report.js';

/** Figures of a bench run as text for a terminal. */
export function benchText(report: BenchReport): string {
  const { methods } = report;
  const isDivided = methods.some(({ passes }) => passes.some(({ parts }) => parts !== null));
  const lines = [
    ...headLines(report),
    timesTable(report),
    ...(isDivided
      ? ['milliseconds of the median pass (shares inside run by the profiler):', partsTable(methods)]
      : []),
    `whole generations, composed of the passes above and the rows of each pass${sourceOfRows(methods)}:`,
    generationTable(methods),
    ...methods.flatMap(wholeLine),
    ...(methods.some(({ growth }) => growth.length > 0) ? ['longer canvases:', growthTable(methods)] : []),
    ...throughputLines(report),
    ...methods.flatMap(kernelLine),
  ];
  for (const { method, passes } of methods) {
    for (const { kind, bottleneck } of passes) lines.push(`${method}, ${kind} pass: ${bottleneck}`);
  }
  return `${lines.join('\n')}\n`;
}

function headLines({
  model,
  parameters,
  device,
  engine,
  ceilings,
  launchCosts,
  ...report
}: BenchReport): string[] {
  const facts = Object.entries(engine).map(([name, value]) => `${name} ${value}`);
  const { promptLength, threads, savings, methods } = report;
  const canvases = [
    ...new Set(methods.map(({ genLength, blockLength }) => `${genLength} in blocks of ${blockLength}`)),
  ];
  const lines = [
    `${model} on ${device.name} (${[device.device, device.driver, ...facts].filter(Boolean).join(', ')})`,
    `${(parameters / 1e6).toFixed(1)} M weights; prompt ${promptLength}, response ${canvases.join(' or ')}; ` +
      `${counted(threads, 'thread')}; savings ${savings.length === 0 ? 'none' : savings.join(', ')}`,
    `ceilings, measured now: ${giga(ceilings.productFlopsPerSecond)} GFLOP/s (${ceilings.precision} products of ` +
      `${ceilings.productWidth} x ${ceilings.productWidth}), ${giga(ceilings.bandwidthBytesPerSecond)} GB/s ` +
      `(arrays of ${ceilings.arrayBytes / 2 ** 20} MiB)`,
  ];
  if (launchCosts !== null) {
    const { dispatchUs, synchronisationMs } = launchCosts;
    lines.push(
      `launches, measured now: ${dispatchUs.toFixed(1)} µs a tiny kernel, ${synchronisationMs.toFixed(2)} ms a round trip`,
    );
  }
  return lines;
}

function timesTable({ methods, ceilings, launchCosts }: BenchReport): string {
  const table = plainTable([
    ...['method', 'pass', 'n', 'rows/layer', 'ran', 'ms', 'quartiles', 'outside run', 'GFLOP/s', 'GB/s'],
    ...(launchCosts === null ? ['/ linears', '/ ideal'] : ['dispatch', 'sync']),
  ]);
  for (const { method, passes, gpu } of methods) {
    for (const pass of passes) {
      const { shares, floor } = pass;
      const ofCeiling = (value: number, ceiling: number) => `${giga(value)} (${percent(value / ceiling)})`;
      table.push([
        method,
        pass.kind,
        pass.passes,
        pass.rowsPerLayer.toFixed(1),
        pass.executedRowsPerLayer.toFixed(1),
        pass.medianMs.toFixed(2),
        `${pass.lowerQuartileMs.toFixed(2)} - ${pass.upperQuartileMs.toFixed(2)}`,
        percent(shares.outside),
        ofCeiling(pass.flopsPerSecond, ceilings.productFlopsPerSecond),
        ofCeiling(pass.bytesPerSecond, ceilings.bandwidthBytesPerSecond),
        ...(gpu === null
          ? [floor?.ratio, floor?.idealRatio].map((ratio) => ratio?.toFixed(2) ?? '')
          : [percent(shares.dispatch ?? 0), percent(shares.synchronisation ?? 0)]),
      ]);
    }
  }
  return table.toString();
}

function partsTable(methods: readonly BenchMethod[]): string {
  const table = plainTable(['method', 'pass', ...benchParts]);
  for (const { method, passes, partsByKind } of methods) {
    for (const { kind, parts, medianMs } of passes) {
      if (parts === null) continue;
      const cells = benchParts.map(
        (part) => `${parts[part].toFixed(2)} (${percent(parts[part] / medianMs)})`,
      );
      table.push([method, partsByKind ? kind : `${kind}, by all`, ...cells]);
    }
  }
  return table.toString();
}

function generationTable(methods: readonly BenchMethod[]): string {
  const table = plainTable([
    'method',
    'NFE',
    'run',
    'full',
    's',
    'tokens/s',
    'anonymous',
    'mapped',
    'growth a pass (of n)',
  ]);
  for (const { method, generation, memory } of methods) {
    const { nfe, passes, fullPasses, ms, tokensPerSecond, atMost } = generation;
    const growth = memory?.growthBytesPerStep;
    table.push([
      ...[method, atMost ? `<= ${nfe}` : nfe, passes, fullPasses, (ms / 1000).toPrecision(3)],
      ...[`${atMost ? '>= ' : ''}${tokensPerSecond.toPrecision(3)}`],
      ...[memory?.anonymousBytes, memory?.mappedBytes].map(megabytes),
      growth == null ? '' : `${(growth / 1024).toFixed(2)} kB (${memory?.steps})`,
    ]);
  }
  return table.toString();
}

function wholeLine({ method, generation, whole }: BenchMethod): string[] {
  if (whole === null) return [];
  const [composed, measured] = [generation.ms, whole.ms].map((ms) => (ms / 1000).toPrecision(3));
  return [
    `${method}, decoded to the end: ${measured} s and ${whole.passes} passes; composed ${composed} s, ` +
      `${whole.composedRatio.toFixed(3)} of it; counted beforehand: ${whole.countedRatio.toFixed(3)} of its products`,
  ];
}

function sourceOfRows(methods: readonly BenchMethod[]): string {
  return methods.some(({ generation }) => generation.rows === 'recorded') ? ', recorded' : ', counted';
}

function growthTable(methods: readonly BenchMethod[]): string {
  const table = plainTable(['method', 'tokens', 'pass', 'n', 'ms', 'anonymous', 'mapped']);
  for (const { method, growth } of methods) {
    for (const { tokens, kind, passes, medianMs, anonymousBytes, mappedBytes } of growth) {
      const bytes = [anonymousBytes, mappedBytes].map(megabytes);
      table.push([method, tokens, kind, passes, medianMs.toFixed(2), ...bytes]);
    }
  }
  return table.toString();
}

function throughputLines({ throughput }: BenchReport): string[] {
  if (throughput.length === 0) return [];
  const table = plainTable(['canvases', 'n', 'ms a pass', 'canvases/s', '/ one at a time', 'anonymous']);
  for (const { batch, passes, medianMs, canvasesPerSecond, ratio, anonymousBytes } of throughput) {
    const speed = [canvasesPerSecond.toPrecision(3), ratio.toFixed(2)];
    table.push([batch, passes, medianMs.toFixed(2), ...speed, megabytes(anonymousBytes)]);
  }
  return [
    'throughput mode: full passes of vanilla over several canvases at once (no tokens per second of any paper):',
    table.toString(),
  ];
}

function kernelLine({ method, gpu }: BenchMethod): string[] {
  if (gpu === null) return [];
  const time =
    gpu.kernelMs === null ? 'no timestamps on this adapter' : `${gpu.kernelMs.toFixed(2)} ms in them`;
  return [
    `${method}: ${gpu.kernels.toFixed(0)} kernels a pass, ${time} (under the profiler, mean over ${gpu.passes} passes)`,
  ];
}

function plainTable(head: string[]): Table.Table {
  return new Table({ head, style: { head: [], border: [] } });
}

function megabytes(bytes: number | null | undefined): string {
  return bytes == null ? '' : `${(bytes / 1e6).toFixed(0)} MB`;
}

function giga(value: number): string {
  return (value / 1e9).toPrecision(3);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}
