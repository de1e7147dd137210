/** Leaves a waiting and a computing interpreter behind: prints their process ids and waits to be killed. */
import { readFileSync } from 'node:fs';
import { pyodideBackend } from '../../src/sandbox/run.js';
import { testLimits, testSnapshots } from './helpers.js';

const backend = pyodideBackend({ snapshots: testSnapshots });
const [, busy] = [await backend.start(testLimits), await backend.start(testLimits)];
if ('interpreter' in busy) void busy.interpreter.serve({ kind: 'run', program: 'while True: pass' });
process.stdout.write(`${readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim()}\n`);
setInterval(() => {}, 1000);
