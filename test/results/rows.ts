import type { SampleOutput, SampleRow } from '../../src/results/samples.js';

/** A generated sample; `ids` of 4 positions, 0 is end-of-text. */
export function sampleOf(
  sample: string,
  change: Partial<Omit<SampleRow, 'output'>> & { output?: Partial<SampleOutput> | null } = {},
): SampleRow {
  const rows = { passes: 4, length: 10, layers: 2, layerRows: 40, valueOnlyRows: 3, headRows: 12 };
  const { output, ...rest } = change;
  return {
    schema: 1,
    cell: 'c',
    method: 'vanilla',
    benchmark: 'gsm8k',
    sample,
    promptSha256: 'ab',
    promptTokens: 6,
    error: null,
    extracted: '4',
    correct: true,
    ...rest,
    output:
      output === null
        ? null
        : {
            ids: [5, 6, 0, 0],
            text: 'ab',
            nfe: 4,
            nfeExecuted: 3,
            rows,
            rowsExecuted: { ...rows, layerRows: 20 },
            flops: 800,
            flopsExecuted: 400,
            tokens: { canvas: 4, toEos: 2, nonEos: 2, retokenised: 1 },
            timings: { prefillMs: 10, denoiseMs: 500 },
            peakMemoryBytes: 1000,
            ...output,
          },
  };
}
