import { generationOptions } from '../decoding/settings.js';
import { partialWithoutDefaults } from './schema-walk.js';

/** Generation settings that lie over others: none is required. */
export const generationLayer = partialWithoutDefaults(generationOptions);
