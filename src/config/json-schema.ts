import { z } from 'zod';
import { experimentLayer } from './experiment-schema.js';

/** Where the committed copy is, relative to the package. */
export const schemaFile = 'configs/schema/experiment.schema.json';

/** The JSON Schema of experiment files and sweeps, for editors; ends with a newline. */
export function experimentJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(experimentLayer, { io: 'input' });
  const about = {
    title: 'repro experiment',
    description:
      'An experiment or sweep: repro config FILE shows what it runs. Written by repro config --schema.',
  };
  return `${JSON.stringify({ $schema, ...about, ...schema }, null, 2)}\n`;
}
