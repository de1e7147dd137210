import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { experimentJsonSchema, schemaFile } from '../../src/config/json-schema.js';
import { packageRoot } from '../../src/paths.js';

test('the JSON Schema of the package is that of the program (repro config --schema > FILE renews it)', () => {
  expect(readFileSync(join(packageRoot, schemaFile), 'utf8')).toBe(experimentJsonSchema());
});

test('says what every key is, and what it may be', () => {
  const schema = JSON.parse(experimentJsonSchema()) as {
    additionalProperties: boolean;
    properties: Record<string, { description?: string }>;
  };
  expect(schema.additionalProperties).toBe(false);
  const undescribed = Object.entries(schema.properties).filter(([, property]) => !property.description);
  expect(undescribed).toEqual([]);
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['extends', 'grid', 'zip', 'pins']));
});

test('every experiment and sweep of the package names it for editors', () => {
  for (const folder of ['experiments', 'sweeps']) {
    for (const file of readdirSync(join(packageRoot, 'configs', folder))) {
      const [first] = readFileSync(join(packageRoot, 'configs', folder, file), 'utf8').split('\n');
      expect(first, file).toBe('# yaml-language-server: $schema=../schema/experiment.schema.json');
    }
  }
});
