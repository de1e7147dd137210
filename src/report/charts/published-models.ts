import { join } from 'node:path';
import { packageRoot } from '../../paths.js';
import type { Manifest } from '../../results/manifest.js';
import { readPaperRows } from '../../results/paper.js';

/**
 * Ids of the models that the published figures beside a run are for.
 *
 * @throws UsageError for figures that cannot be read.
 */
export async function publishedModels({ paper }: Pick<Manifest, 'paper'>): Promise<readonly string[]> {
  if (paper === null) return [];
  return [...new Set((await readPaperRows(join(packageRoot, paper))).map(({ model }) => model))];
}
