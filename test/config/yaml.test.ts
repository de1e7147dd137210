import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseYaml, readYaml } from '../../src/config/yaml.js';

const schema = z.strictObject({
  size: z.number().int().default(3),
  list: z.array(z.strictObject({ name: z.string() })).default([]),
});

test('defaults are filled in, and the raw content stays without them', () => {
  const { value, raw } = parseYaml('list: [{ name: a }]\n', 'x.yaml', schema);
  expect(value).toEqual({ size: 3, list: [{ name: 'a' }] });
  expect(raw).toEqual({ list: [{ name: 'a' }] });
});

test('an unknown key is placed at the key, a bad value at the value', () => {
  expect(() => parseYaml('size: 1\nlist:\n  - name: a\n    nam: b\n', 'x.yaml', schema)).toThrow(
    /^x\.yaml:4:5: unknown key "list\[0\]\.nam"\. Did you mean "name"\?$/,
  );
  expect(() => parseYaml('list:\n  - name: 7\n', 'x.yaml', schema)).toThrow(
    /^x\.yaml:2:11: "list\[0\]\.name" is 7, but it must be text \(put it in quotes\)\.$/,
  );
});

test('errorAt points at the nearest place that exists', () => {
  const file = parseYaml('size: 1\nlist:\n  - name: a\n', 'x.yaml', schema);
  expect(file.errorAt(['list', 0, 'name'], 'no.').message).toBe('x.yaml:3:11: no.');
  expect(file.errorAt(['list', 5, 'name'], 'no.').message).toBe('x.yaml:3:3: no.');
});

test('positions survive Windows line ends', () => {
  expect(() => parseYaml('size: 1\r\nlits: []\r\n', 'x.yaml', schema)).toThrow(
    /^x\.yaml:2:1: unknown key "lits"/,
  );
});

test('YAML 1.2: "no" is text, and numbers are not dates', () => {
  expect(() => parseYaml('size: no\n', 'x.yaml', schema)).toThrow(
    '"size" is "no", but it must be a whole number.',
  );
});

test('a missing file and a folder are one sentence each', () => {
  const folder = mkdtempSync(join(tmpdir(), 'repro-yaml-'));
  expect(() => readYaml(join(folder, 'a.yaml'), schema)).toThrow(
    `${join(folder, 'a.yaml')}: there is no such file.`,
  );
  expect(() => readYaml(folder, schema)).toThrow(`${folder}: cannot be read (EISDIR); name a YAML file.`);
  writeFileSync(join(folder, 'b.yaml'), '﻿size: 4\n');
  expect(readYaml(join(folder, 'b.yaml'), schema).value.size).toBe(4);
});
