import Table from 'cli-table3';
import type { BenchReport } from '../experiments/bench/bench.js';

/** Figures of a bench run as text for a terminal. */
export function benchText(report: BenchReport): string {
  const { ceilings, launchCosts, device, engine, methods } = report;
  const facts = Object.entries(engine).map(([name, value]) => `${name} ${value}`);
  const lines = [
    `${report.model} on ${device.name} (${[device.device, device.driver, ...facts].filter(Boolean).join(', ')})`,
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
  const onGpu = launchCosts !== null;
  const table = new Table({
    head: [
      ...['method', 'pass', 'n', 'rows/layer', 'ms', 'quartiles', 'outside run', 'GFLOP/s', 'GB/s'],
      ...(onGpu ? ['dispatch', 'sync'] : []),
    ],
    style: { head: [], border: [] },
  });
  for (const { method, passes, gpu } of methods) {
    for (const pass of passes) {
      const { shares } = pass;
      const ofCeiling = (value: number, ceiling: number) => `${giga(value)} (${percent(value / ceiling)})`;
      table.push([
        method,
        pass.kind,
        pass.passes,
        pass.rowsPerLayer.toFixed(1),
        pass.medianMs.toFixed(2),
        `${pass.lowerQuartileMs.toFixed(2)} - ${pass.upperQuartileMs.toFixed(2)}`,
        percent(shares.outside),
        ofCeiling(pass.flopsPerSecond, ceilings.productFlopsPerSecond),
        ofCeiling(pass.bytesPerSecond, ceilings.bandwidthBytesPerSecond),
        ...(gpu === null ? [] : [percent(shares.dispatch ?? 0), percent(shares.synchronisation ?? 0)]),
      ]);
    }
  }
  lines.push(table.toString());
  for (const { method, gpu } of methods) {
    if (gpu === null) continue;
    const time =
      gpu.kernelMs === null ? 'no timestamps on this adapter' : `${gpu.kernelMs.toFixed(2)} ms in them`;
    lines.push(
      `${method}: ${gpu.kernels.toFixed(0)} kernels a pass, ${time} (under the profiler, mean over ${gpu.passes} passes)`,
    );
  }
  for (const { method, passes } of methods) {
    for (const { kind, bottleneck } of passes) lines.push(`${method}, ${kind} pass: ${bottleneck}`);
  }
  return `${lines.join('\n')}\n`;
}

function giga(value: number): string {
  return (value / 1e9).toPrecision(3);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}
