import { describe, expect, test } from 'vitest';
import { githubReporter } from '../../../src/report/diff/github.js';
import { humanReporter } from '../../../src/report/diff/human.js';
import { jsonReporter } from '../../../src/report/diff/json.js';
import { junitReporter } from '../../../src/report/diff/junit.js';
import { markdownReporter } from '../../../src/report/diff/markdown.js';
import {
  changedCsv,
  compareCsv,
  csvOf,
  defaultCsv,
  defaultSamples,
  digest,
  manifestOf,
  otherCpu,
  rowsOf,
  samplesOf,
} from '../../results/diff/sides.js';

const manifest = manifestOf();
const lostSamples = [...samplesOf('vanilla'), ...samplesOf('dynamic-dllm', { wrong: [2, 7], ms: 400 })];

const same = compareCsv(defaultCsv, defaultCsv, { a: { manifest }, b: { manifest } });
const differs = compareCsv(defaultCsv, csvOf(rowsOf(lostSamples)), {
  a: { path: 'runs/a', manifest, samples: defaultSamples },
  b: { path: 'runs/new', manifest, samples: lostSamples },
});
const elsewhere = compareCsv(defaultCsv, changedCsv({ 'dynamic-dllm': { tps: 1, correct: 9 } }), {
  a: { manifest },
  b: { manifest: otherCpu },
});
const methods = { vanilla: {}, 'dynamic-dllm': { cache: { policy: 'dcu', layerBudget: 32 } } };
const notComparable = compareCsv(defaultCsv, changedCsv({ 'dynamic-dllm': { config_sha256: digest('9') } }), {
  a: { manifest },
  b: { manifest: manifestOf({ config: { ...manifest.config, methods }, chatTemplateSha256: null }) },
});
const hostile = compareCsv(
  csvOf(rowsOf(defaultSamples).map((row) => ({ ...row, method: `${row.method}<|&"%\n\u0007,::` }))),
  csvOf(
    rowsOf(defaultSamples)
      .slice(0, 1)
      .map((row) => ({ ...row, method: `${row.method}<|&"%\n\u0007,::`, n: 9 })),
  ),
);

describe('for people', () => {
  test('same', () => {
    expect(humanReporter.render(same)).toMatchInlineSnapshot(`
      "A  a.csv  table, 2 cells, finished
      B  b.csv  table, 2 cells, finished
      same: 2 cells compared
      rule: deterministic columns must be equal (same class of CPU)
      B over A: tps 1x to 1x (median 1x), speedup 1x to 1x (median 1x)
      "
    `);
  });
  test('differs', () => {
    expect(humanReporter.render(differs)).toMatchInlineSnapshot(`
      "A  runs/a    run, 2 cells, finished
      B  runs/new  run, 2 cells, finished
      differs: 1 of 2 cells, 20 samples paired by id, 2 of them flipped
      rule: deterministic columns must be equal (same class of CPU)

      gsm8k / dynamic-dllm
        column           A         B         difference  allowed
        correct          10        8         -2          equal
        accuracy         1         0.8       -0.2        equal
        accuracy_low     0.722467  0.490162  -0.232305   equal
        accuracy_high    1         0.943318  -0.056682   equal
        agreement        1         0.933333  -0.066667   equal
        identical        1         0.8       -0.2        equal
        tps              14.8148   9.52381   -35.7 %     +-5 % (least noise)
        tps_to_eos       7.40741   4.7619    -35.7 %     +-5 % (least noise)
        tps_non_eos      7.40741   4.7619    -35.7 %     +-5 % (least noise)
        tps_with_prompt  37.037    23.8095   -35.7 %     +-5 % (least noise)
        latency_s        0.27      0.42      +55.6 %     +-5 % (least noise)
        speedup          1.92593   1.2381    -35.7 %     +-5 % (least noise)
        of 10 paired samples: 2 flipped (0 gained, 2 lost; McNemar p = 0.5), 2 with another answer, 2 with another output
          gsm8k/2: right -> wrong, answer "4" -> "5"
          gsm8k/7: right -> wrong, answer "4" -> "5"

      B over A: tps 0.643x to 1x (median 0.821x), speedup 0.643x to 1x (median 0.821x)
      "
    `);
  });
  test('on other hardware', () => {
    expect(humanReporter.render(elsewhere)).toMatchInlineSnapshot(`
      "A  a.csv  table, 2 cells, finished
      B  b.csv  table, 2 cells, finished
      warning: different CPU: AMD EPYC in A, Intel Xeon in B
      same: 2 cells compared
      rule: up to max(1, 2 % of n) flipped samples per cell allowed (another class of CPU)
      B over A: tps 0.0675x to 1x (median 0.534x), speedup 1x to 1x (median 1x); other hardware, so timing is shown and not judged
      "
    `);
  });
  test('not comparable', () => {
    expect(humanReporter.render(notComparable)).toMatchInlineSnapshot(`
      "A  a.csv  table, 2 cells, finished
      B  b.csv  table, 2 cells, finished
      not comparable: 5 things that decide answers differ
        chat template (2 cells): 333333333333 in A, none in B
        config_sha256 (1 cell): bbbbbbbbbbbb in A, 999999999999 in B
        methods.dynamic-dllm.cache.layerBudget (1 cell): 16 in A, 32 in B
        methods.dynamic-dllm.cache.windowSize (1 cell): 16 in A, not set in B
        methods.dynamic-dllm.unmask.rule (1 cell): model in A, not set in B
      "
    `);
  });
});

describe('as Markdown', () => {
  test('differs', () => {
    expect(markdownReporter.render(differs)).toMatchInlineSnapshot(`
      "### repro diff: differs: 1 of 2 cells, 20 samples paired by id, 2 of them flipped

      - A: \`runs/a\` (run, 2 cells, finished)
      - B: \`runs/new\` (run, 2 cells, finished)

      Rule: deterministic columns must be equal (same class of CPU).

      | cell | column | A | B | difference | allowed |
      | --- | --- | ---: | ---: | ---: | --- |
      | gsm8k / dynamic-dllm | correct | 10 | 8 | -2 | equal |
      | gsm8k / dynamic-dllm | accuracy | 1 | 0.8 | -0.2 | equal |
      | gsm8k / dynamic-dllm | accuracy\\_low | 0.722467 | 0.490162 | -0.232305 | equal |
      | gsm8k / dynamic-dllm | accuracy\\_high | 1 | 0.943318 | -0.056682 | equal |
      | gsm8k / dynamic-dllm | agreement | 1 | 0.933333 | -0.066667 | equal |
      | gsm8k / dynamic-dllm | identical | 1 | 0.8 | -0.2 | equal |
      | gsm8k / dynamic-dllm | tps | 14.8148 | 9.52381 | -35.7 % | +-5 % (least noise) |
      | gsm8k / dynamic-dllm | tps\\_to\\_eos | 7.40741 | 4.7619 | -35.7 % | +-5 % (least noise) |
      | gsm8k / dynamic-dllm | tps\\_non\\_eos | 7.40741 | 4.7619 | -35.7 % | +-5 % (least noise) |
      | gsm8k / dynamic-dllm | tps\\_with\\_prompt | 37.037 | 23.8095 | -35.7 % | +-5 % (least noise) |
      | gsm8k / dynamic-dllm | latency\\_s | 0.27 | 0.42 | +55.6 % | +-5 % (least noise) |
      | gsm8k / dynamic-dllm | speedup | 1.92593 | 1.2381 | -35.7 % | +-5 % (least noise) |

      - gsm8k / dynamic-dllm, of 10 paired samples: 2 flipped (0 gained, 2 lost; McNemar p = 0.5), 2 with another answer, 2 with another output
        - gsm8k/2: right -\\> wrong, answer "4" -\\> "5"
        - gsm8k/7: right -\\> wrong, answer "4" -\\> "5"

      B over A: tps 0.643x to 1x (median 0.821x), speedup 0.643x to 1x (median 0.821x).
      "
    `);
  });
  test('not comparable', () => {
    expect(markdownReporter.render(notComparable)).toMatchInlineSnapshot(`
      "### repro diff: not comparable: 5 things that decide answers differ

      - A: \`a.csv\` (table, 2 cells, finished)
      - B: \`b.csv\` (table, 2 cells, finished)

      - chat template (2 cells): 333333333333 in A, none in B
      - config\\_sha256 (1 cell): bbbbbbbbbbbb in A, 999999999999 in B
      - methods.dynamic-dllm.cache.layerBudget (1 cell): 16 in A, 32 in B
      - methods.dynamic-dllm.cache.windowSize (1 cell): 16 in A, not set in B
      - methods.dynamic-dllm.unmask.rule (1 cell): model in A, not set in B
      "
    `);
  });
  test('names with markup and newlines stay text in their table cell', () => {
    const table = markdownReporter
      .render(hostile)
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(table[2]).toMatchInlineSnapshot(`"| gsm8k / vanilla\\<\\|&"% ,:: | n | 10 | 9 | -1 | equal |"`);
  });
});

describe('as JSON', () => {
  test('differs', () => {
    const { differences, timing, ...rest } = JSON.parse(jsonReporter.render(differs));
    expect(rest).toMatchInlineSnapshot(`
      {
        "allowed": [],
        "counts": {
          "differing": 1,
          "notComparable": 0,
          "onlyInA": 0,
          "onlyInB": 0,
          "paired": 2,
          "same": 1,
          "samplesFlipped": 2,
          "samplesPaired": 20,
        },
        "files": {
          "a": {
            "cells": 2,
            "commit": "1111111111111111111111111111111111111111",
            "kind": "run",
            "path": "runs/a",
            "state": "finished",
          },
          "b": {
            "cells": 2,
            "commit": "1111111111111111111111111111111111111111",
            "kind": "run",
            "path": "runs/new",
            "state": "finished",
          },
        },
        "hardware": "same",
        "notComparable": [],
        "notes": [],
        "onlyInA": [],
        "onlyInB": [],
        "rules": {
          "deterministic": "deterministic columns must be equal (same class of CPU)",
          "tolerances": {},
        },
        "schema": 1,
        "verdict": "differs",
        "warnings": [],
      }
    `);
    expect(timing.map(({ column }: { column: string }) => column)).toEqual(['tps', 'speedup']);
    expect(differences).toHaveLength(1);
    expect(differences[0].columns[0]).toMatchInlineSnapshot(`
      {
        "a": 10,
        "allowed": {
          "kind": "absolute",
          "value": 0,
          "why": "exact",
        },
        "b": 8,
        "column": "correct",
        "difference": -2,
        "group": "deterministic",
      }
    `);
    expect(differences[0].samples.changed[0]).toMatchInlineSnapshot(`
      {
        "a": {
          "correct": true,
          "extracted": "4",
        },
        "b": {
          "correct": false,
          "extracted": "5",
        },
        "sample": "gsm8k/2",
      }
    `);
  });
  test('not comparable', () => {
    const {
      verdict,
      counts,
      notComparable: guards,
      differences,
    } = JSON.parse(jsonReporter.render(notComparable));
    expect({ verdict, counts, guards, differences }).toMatchInlineSnapshot(`
      {
        "counts": {
          "differing": 0,
          "notComparable": 2,
          "onlyInA": 0,
          "onlyInB": 0,
          "paired": 2,
          "same": 0,
          "samplesFlipped": 0,
          "samplesPaired": 0,
        },
        "differences": [],
        "guards": [
          {
            "cells": 2,
            "name": "chat template",
            "values": [
              {
                "a": "3333333333333333333333333333333333333333333333333333333333333333",
                "b": "none",
                "cells": 2,
              },
            ],
          },
          {
            "cells": 1,
            "name": "config_sha256",
            "values": [
              {
                "a": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
                "b": "9999999999999999999999999999999999999999999999999999999999999999",
                "cells": 1,
              },
            ],
          },
          {
            "cells": 1,
            "name": "methods.dynamic-dllm.cache.layerBudget",
            "values": [
              {
                "a": "16",
                "b": "32",
                "cells": 1,
              },
            ],
          },
          {
            "cells": 1,
            "name": "methods.dynamic-dllm.cache.windowSize",
            "values": [
              {
                "a": "16",
                "b": "not set",
                "cells": 1,
              },
            ],
          },
          {
            "cells": 1,
            "name": "methods.dynamic-dllm.unmask.rule",
            "values": [
              {
                "a": "model",
                "b": "not set",
                "cells": 1,
              },
            ],
          },
        ],
        "verdict": "not-comparable",
      }
    `);
  });
});

describe('as JUnit', () => {
  test('one case a cell', () => {
    expect(junitReporter.render(differs)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="repro diff" tests="2" failures="1" errors="0" skipped="0">
        <testsuite name="runs/a - runs/new" tests="2" failures="1" errors="0" skipped="0">
          <testcase classname="table1" name="gsm8k / dynamic-dllm">
            <failure message="differs: correct, accuracy, accuracy_low, accuracy_high, agreement, identical, tps, tps_to_eos, tps_non_eos, tps_with_prompt, latency_s, speedup">correct: 10 in A, 8 in B, -2, allowed equal
      accuracy: 1 in A, 0.8 in B, -0.2, allowed equal
      accuracy_low: 0.722467 in A, 0.490162 in B, -0.232305, allowed equal
      accuracy_high: 1 in A, 0.943318 in B, -0.056682, allowed equal
      agreement: 1 in A, 0.933333 in B, -0.066667, allowed equal
      identical: 1 in A, 0.8 in B, -0.2, allowed equal
      tps: 14.8148 in A, 9.52381 in B, -35.7 %, allowed +-5 % (least noise)
      tps_to_eos: 7.40741 in A, 4.7619 in B, -35.7 %, allowed +-5 % (least noise)
      tps_non_eos: 7.40741 in A, 4.7619 in B, -35.7 %, allowed +-5 % (least noise)
      tps_with_prompt: 37.037 in A, 23.8095 in B, -35.7 %, allowed +-5 % (least noise)
      latency_s: 0.27 in A, 0.42 in B, +55.6 %, allowed +-5 % (least noise)
      speedup: 1.92593 in A, 1.2381 in B, -35.7 %, allowed +-5 % (least noise)
      of 10 paired samples: 2 flipped (0 gained, 2 lost; McNemar p = 0.5), 2 with another answer, 2 with another output
      gsm8k/2: right -&gt; wrong, answer &quot;4&quot; -&gt; &quot;5&quot;
      gsm8k/7: right -&gt; wrong, answer &quot;4&quot; -&gt; &quot;5&quot;</failure>
          </testcase>
          <testcase classname="table1" name="gsm8k / vanilla"/>
        </testsuite>
      </testsuites>
      "
    `);
  });
  test('what is not comparable is an error', () => {
    expect(junitReporter.render(notComparable)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="repro diff" tests="2" failures="0" errors="2" skipped="0">
        <testsuite name="a.csv - b.csv" tests="2" failures="0" errors="2" skipped="0">
          <testcase classname="table1" name="gsm8k / vanilla">
            <error message="not comparable">chat template (2 cells): 333333333333 in A, none in B</error>
          </testcase>
          <testcase classname="table1" name="gsm8k / dynamic-dllm">
            <error message="not comparable">chat template (2 cells): 333333333333 in A, none in B
      config_sha256: bbbbbbbbbbbb in A, 999999999999 in B
      methods.dynamic-dllm.cache.layerBudget: 16 in A, 32 in B
      methods.dynamic-dllm.cache.windowSize: 16 in A, not set in B
      methods.dynamic-dllm.unmask.rule: model in A, not set in B</error>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
    expect(junitReporter.render(compareCsv(defaultCsv, 'schema\n2\n'))).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="repro diff" tests="1" failures="0" errors="1" skipped="0">
        <testsuite name="a.csv - b.csv" tests="1" failures="0" errors="1" skipped="0">
          <testcase classname="repro diff" name="tables">
            <error message="not comparable: 1 thing that decides answers differs">schema: 1 in A, 2 in B</error>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });
  test('holds any name', () => {
    expect(junitReporter.render(hostile)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="repro diff" tests="2" failures="2" errors="0" skipped="0">
        <testsuite name="a.csv - b.csv" tests="2" failures="2" errors="0" skipped="0">
          <testcase classname="table1" name="gsm8k / vanilla&lt;|&amp;&quot;% ,::">
            <failure message="differs: n">n: 10 in A, 9 in B, -1, allowed equal</failure>
          </testcase>
          <testcase classname="table1" name="gsm8k / dynamic-dllm&lt;|&amp;&quot;% ,::">
            <failure message="only in A"/>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });
});

describe('as annotations of GitHub', () => {
  test('differs', () => {
    expect(githubReporter.render(differs)).toMatchInlineSnapshot(`
      "::error title=repro diff%3A differs::gsm8k / dynamic-dllm: correct 10 -> 8 (-2, allowed equal); accuracy 1 -> 0.8 (-0.2, allowed equal); accuracy_low 0.722467 -> 0.490162 (-0.232305, allowed equal); accuracy_high 1 -> 0.943318 (-0.056682, allowed equal); agreement 1 -> 0.933333 (-0.066667, allowed equal); identical 1 -> 0.8 (-0.2, allowed equal); tps 14.8148 -> 9.52381 (-35.7 %25, allowed +-5 %25 (least noise)); tps_to_eos 7.40741 -> 4.7619 (-35.7 %25, allowed +-5 %25 (least noise)); tps_non_eos 7.40741 -> 4.7619 (-35.7 %25, allowed +-5 %25 (least noise)); tps_with_prompt 37.037 -> 23.8095 (-35.7 %25, allowed +-5 %25 (least noise)); latency_s 0.27 -> 0.42 (+55.6 %25, allowed +-5 %25 (least noise)); speedup 1.92593 -> 1.2381 (-35.7 %25, allowed +-5 %25 (least noise)); of 10 paired samples: 2 flipped (0 gained, 2 lost; McNemar p = 0.5), 2 with another answer, 2 with another output
      "
    `);
  });
  test('not comparable, with warnings, and nothing where all is well', () => {
    expect(githubReporter.render(notComparable)).toMatchInlineSnapshot(`
      "::error title=repro diff%3A not-comparable::not comparable: 5 things that decide answers differ
      ::error title=repro diff%3A not-comparable::chat template (2 cells): 333333333333 in A, none in B
      ::error title=repro diff%3A not-comparable::config_sha256 (1 cell): bbbbbbbbbbbb in A, 999999999999 in B
      ::error title=repro diff%3A not-comparable::methods.dynamic-dllm.cache.layerBudget (1 cell): 16 in A, 32 in B
      ::error title=repro diff%3A not-comparable::methods.dynamic-dllm.cache.windowSize (1 cell): 16 in A, not set in B
      ::error title=repro diff%3A not-comparable::methods.dynamic-dllm.unmask.rule (1 cell): model in A, not set in B
      "
    `);
    expect(githubReporter.render(elsewhere)).toMatchInlineSnapshot(`
      "::warning title=repro diff::different CPU: AMD EPYC in A, Intel Xeon in B
      "
    `);
    expect(githubReporter.render(same)).toBe('');
  });
  test('a name cannot start a command of its own', () => {
    const lines = githubReporter.render(hostile).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^::error title=repro diff%3A differs::/);
  });
});

test('many differences are cut and counted', () => {
  const methods = Array.from({ length: 60 }, (_, i) => `m${i}`);
  const [row] = rowsOf(defaultSamples);
  const a = csvOf(methods.map((method) => ({ ...row!, method })));
  const b = csvOf(methods.map((method) => ({ ...row!, method, correct: 1, accuracy: 0.1 })));
  const result = compareCsv(a, b);
  const text = humanReporter.render(result);
  expect(text.match(/^ {2}(correct|accuracy) /gm)).toHaveLength(40);
  expect(text).toContain('... and 80 more differences in 40 more cells; --json lists all\n');
  expect(markdownReporter.render(result).match(/^\| gsm8k/gm)).toHaveLength(40);
  expect(githubReporter.render(result).match(/^::error/gm)).toHaveLength(10);
  expect(githubReporter.render(result)).toContain('::and 51 more\n');
  expect(JSON.parse(jsonReporter.render(result)).differences).toHaveLength(60);
  const lonely = humanReporter.render(compareCsv(a, csvOf([{ ...row!, method: 'm0' }])));
  expect(lonely).toContain('  gsm8k / m10\n  ... and 49 more\n');
});
