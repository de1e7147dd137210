import { expect, test } from 'vitest';
import { readNodeTimes } from '../../src/measure/node-times.js';

const run = (ts: number, dur: number) => ({ cat: 'Session', name: 'model_run', ts, dur, args: {} });
const node = (name: string, ts: number, dur: number) => ({ cat: 'Node', name, ts, dur, args: {} });

test('times of nodes go to their run, by the first component of their names', () => {
  const trace = [
    { cat: 'Session', name: 'session_initialization', ts: 0, dur: 90, args: {} },
    node('linears/Gemm_1_kernel_time', 210, 30),
    node('other/Mul_2/QuickGeluFusion/_kernel_time', 250, 5),
    run(200, 80),
    node('linears/Gemm_1_kernel_time', 105, 20),
    node('linears/Gemm_3_kernel_time', 130, 4),
    node('linears/Gemm_3_fence_before', 128, 2),
    node('MemcpyToHost_kernel_time', 140, 1),
    run(100, 60),
  ];
  expect(readNodeTimes(JSON.stringify(trace)).map((times) => Object.fromEntries(times))).toEqual([
    { linears: 24, MemcpyToHost_kernel_time: 1 },
    { linears: 30, other: 5 },
  ]);
  expect(() => readNodeTimes(JSON.stringify([node('head/Exp_4_kernel_time', 1, 1)]))).toThrow('in no run');
});
