import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

// Where a CI step wants to count: a JSON report beside the usual output.
const report = process.env.REPRO_TEST_REPORT;

// Some tests run the command in a folder of their own, where a relative path would name another folder.
const data = process.env.REPRO_DATA_DIR;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/build.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    // Two workers share the cores, so runs of the command are not to measure how many threads suit them.
    env: { REPRO_THREADS: '1', ...(data ? { REPRO_DATA_DIR: resolve(data) } : {}) },
    ...(report === undefined ? {} : { reporters: ['default', ['json', { outputFile: report }]] }),
  },
});
