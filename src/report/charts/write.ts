import { join } from 'node:path';
import { UsageError } from '../../errors.js';
import { makeFolders, writeWhole } from '../../formats/files.js';
import type { Chart } from './chart.js';
import { drawSvg } from './draw.js';

/** Of the files, in pixels; they scale to any size. */
const width = 900;

/**
 * Writes every picture as `<id>.svg`.
 *
 * @param dir Made if it is not there.
 * @returns The paths, in the order of the pictures.
 * @throws UsageError `OUT_NOT_WRITABLE`
 */
export async function writeCharts(charts: readonly Chart[], dir: string): Promise<readonly string[]> {
  const paths: string[] = [];
  try {
    await makeFolders(dir);
    for (const chart of charts) {
      const path = join(dir, `${chart.id}.svg`);
      await writeWhole(path, await drawSvg(chart, { width }));
      paths.push(path);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(
      'OUT_NOT_WRITABLE',
      `cannot write figures into ${dir} (${code}); name another folder.`,
    );
  }
  return paths;
}
