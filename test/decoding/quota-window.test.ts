import { describe, expect, test } from 'vitest';
import { clippedWindow, shiftedWindow } from '../../src/caching/window.js';
import { transferQuota } from '../../src/decoding/quota.js';

describe('transfer quota', () => {
  test.each([
    [10, 4, [3, 3, 2, 2]],
    [8, 8, [1, 1, 1, 1, 1, 1, 1, 1]],
    [3, 8, [1, 1, 1, 0, 0, 0, 0, 0]],
    [0, 3, [0, 0, 0]],
    [7, 1, [7]],
  ])('%i masks in %i steps', (masks, steps, expected) => {
    expect(transferQuota(masks, steps)).toEqual(expected);
  });
});

/** `[first, last + 1)` of a window, which must be without gaps. */
function bounds(window: readonly number[]): [number, number] {
  expect(window).toEqual(window.map((_, i) => window[0]! + i));
  return [window[0]!, window.at(-1)! + 1];
}

describe('window moved inside the range (released code)', () => {
  test.each([
    [-1, 0, 33],
    [0, 0, 33],
    [10, 0, 33],
    [16, 0, 33],
    [17, 1, 34],
    [100, 84, 117],
    [255, 223, 256],
    [400, 223, 256],
  ])('centre %i of 256, w = 32', (centre, from, to) => {
    expect(bounds(shiftedWindow(centre, 32, 0, 256))).toEqual([from, to]);
  });

  test('w = 0 keeps the centre token, a window as wide as the range takes all of it', () => {
    expect(shiftedWindow(5, 0, 0, 256)).toEqual([5]);
    expect(bounds(shiftedWindow(5, 300, 0, 256))).toEqual([0, 256]);
    expect(bounds(shiftedWindow(5, 256, 0, 256))).toEqual([0, 256]);
    expect(bounds(shiftedWindow(0, 255, 0, 256))).toEqual([0, 255]);
  });

  test('counts from the start of the range', () => {
    expect(bounds(shiftedWindow(39, 8, 40, 72))).toEqual([40, 49]);
    expect(bounds(shiftedWindow(71, 9, 40, 72))).toEqual([63, 72]);
  });

  test('of a range that an even width just misses, everything', () => {
    expect(bounds(shiftedWindow(2, 4, 0, 5))).toEqual([0, 5]);
    expect(bounds(shiftedWindow(0, 3, 0, 4))).toEqual([0, 3]);
  });
});

describe('window cut at the ends (paper)', () => {
  test.each([
    [0, 32, 0, 17],
    [16, 32, 0, 33],
    [100, 32, 84, 117],
    [255, 32, 239, 256],
    [5, 0, 5, 6],
    [5, 1, 5, 6],
    [5, 3, 4, 7],
  ])('centre %i, w = %i', (centre, size, from, to) => {
    expect(bounds(clippedWindow(centre, size, 0, 256))).toEqual([from, to]);
  });

  test('is empty where it lies outside of the range', () => {
    expect(clippedWindow(30, 4, 40, 72)).toEqual([]);
    expect(clippedWindow(80, 4, 40, 72)).toEqual([]);
  });
});
