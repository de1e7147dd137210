import { type CacheOptions, cacheOptions } from '../../src/caching/registry.js';

/** One line of the contract test: a policy with options. */
export interface PolicyCase {
  readonly name: string;
  readonly options: CacheOptions;
  /** The same policy at its full-refresh setting, where it has one: it must then equal vanilla. */
  readonly fullRefresh?: CacheOptions;
}

function policy(
  name: string,
  options: Record<string, unknown>,
  fullRefresh?: Record<string, unknown>,
): PolicyCase {
  return {
    name,
    options: cacheOptions.parse(options),
    ...(fullRefresh === undefined ? {} : { fullRefresh: cacheOptions.parse({ ...options, ...fullRefresh }) }),
  };
}

const dcu = { policy: 'dcu', layerBudget: 3, windowSize: 4 };
/** Every layer's share of it exceeds any canvas of these tests, however small the layer's mean is. */
const everyRow = { layerBudget: 1e9 };
const released = { policy: 'dcu-released', layerBudget: 3, windowSize: 4 };
const everyPass = { promptInterval: 1, responseInterval: 1 };

/** Every policy under the contract. A new policy joins by a line. */
export const policies: readonly PolicyCase[] = [
  policy('none', { policy: 'none' }, {}),
  policy('dcu', dcu, everyRow),
  policy('dcu auto', { policy: 'dcu', auto: true }),
  policy(
    'dcu cached, round, shift',
    { ...dcu, compare: 'cached', rounding: 'round', windowEdge: 'shift' },
    everyRow,
  ),
  policy(
    'dcu excluding the window, largest remainder, every key token',
    { ...dcu, budgetExcludesWindow: true, rounding: 'largest_remainder', keyToken: 'all' },
    everyRow,
  ),
  policy('dcu on the response, last position', { ...dcu, scope: 'gen', keyToken: 'last_position' }),
  policy('dcu without budget', { ...dcu, layerBudget: 0, windowSize: 0 }),
  policy('dcu-released by v', { ...released, selectFrom: 'v' }, everyPass),
  policy('dcu-released by x', { ...released, selectFrom: 'x' }, everyPass),
  policy(
    'dcu-released by v, intervals',
    { ...released, promptInterval: 3, responseInterval: 2 },
    {
      promptInterval: -1,
      responseInterval: -1,
    },
  ),
  policy('dcu-released by x, intervals', {
    ...released,
    selectFrom: 'x',
    promptInterval: 2,
    responseInterval: 3,
  }),
  policy('dcu-released without budget', { ...released, layerBudget: 0, windowSize: 0 }),
];
