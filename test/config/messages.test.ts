import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readExperiment } from '../../src/config/experiment.js';
import { readMethod } from '../../src/config/method.js';
import { UsageError } from '../../src/errors.js';
import { packageRoot } from '../../src/paths.js';

const fixtures = join(packageRoot, 'test', 'fixtures', 'config');

/** Each broken file of a folder, with the message that it gets. */
function messages(folder: string, read: (path: string, id: string) => unknown): Record<string, string> {
  const entries = readdirSync(join(fixtures, folder)).map((file) => {
    const name = file.replace('.yaml', '');
    try {
      read(join(fixtures, folder, file), name);
      return [name, 'accepted'];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      expect(error.exitCode).toBe(2);
      return [name, error.message.replace(`test/fixtures/config/${folder}/`, '')];
    }
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

describe('what a broken config file is told', () => {
  test('method files', () => {
    expect(messages('methods', readMethod)).toMatchInlineSnapshot(`
      {
        "alias": "alias.yaml:1:1: not valid YAML: Unresolved alias (the anchor must be set before the alias): nowhere.",
        "alias-bomb": "alias-bomb.yaml:1:1: not valid YAML: Excessive alias count indicates a resource exhaustion attack.",
        "bad-interval": "bad-interval.yaml:5:48: "cache.promptInterval" is 0, but it must be -1 (every pass) or at least 1.",
        "comment": "comment.yaml:1:1: the file is empty.",
        "duplicate-key": "duplicate-key.yaml:7:1: not valid YAML: Map keys must be unique.",
        "empty": "empty.yaml:1:1: the file is empty.",
        "empty-text": "empty-text.yaml:2:7: "name" is "", but it must be text, not empty.",
        "far-key": "far-key.yaml:5:24: unknown key "cache.zzzzzzzz". Known keys: policy.",
        "fraction": "fraction.yaml:5:36: "cache.layerBudget" is 1.5, but it must be a whole number.",
        "id-mismatch": "id-mismatch.yaml:1:5: "id" is "other-id", but the file is called id-mismatch.yaml.",
        "indentation": "indentation.yaml:7:1: not valid YAML: All mapping items must start at the same column.",
        "list": "list.yaml:1:1: the content must be a section of "key: value" lines.",
        "list-entry": "list-entry.yaml:9:5: "notes[1]" is 3, but it must be text (put it in quotes).",
        "malformed-id": "malformed-id.yaml:1:5: "id" is "Not An Id", but it must be text that matches /^[a-z0-9]+(-[a-z0-9]+)*$/.",
        "missing-policy": "missing-policy.yaml:5:8: "cache.policy" is missing; it may be none, dllm-cache, dkv-decode, dkv-greedy, dkv-prefill, dkv-pd, prefix, dual, dcu, dcu-released.",
        "missing-section": "missing-section.yaml:1:1: "cache" is missing.",
        "model-settings": "model-settings.yaml:8:3: unknown key "models.lada". Known keys: llada-1.5, dream.",
        "model-value": "model-value.yaml:8:37: "models.dream.cache.promptInterval" is 2.5, but it must be a whole number.",
        "not-utf8": "not-utf8.yaml:1:1: the file is not UTF-8 text.",
        "null-section": "null-section.yaml:5:7: "cache" is null, but it must be a section of "key: value" lines.",
        "open-brace": "open-brace.yaml:6:1: not valid YAML: Flow map in block collection must be sufficiently indented and end with a }.",
        "overruled": "overruled.yaml:8:15: "cache.windowSize" has no effect while "cache.auto" is true; keep one of them.",
        "preset-auto": "preset-auto.yaml:11:27: "presets.script.cache.layerBudget" has no effect while "cache.auto" is true; keep one of them.",
        "preset-key": "preset-key.yaml:11:31: unknown key "presets.script.cache.promptIntervall". Did you mean "promptInterval"?",
        "tag": "tag.yaml:5:8: not valid YAML: Unresolved tag: tag:yaml.org,2002:python/object.",
        "text": "text.yaml:1:1: the content must be a section of "key: value" lines.",
        "too-large": "too-large.yaml:8:8: "unmask.tau" is 1.5, but it must be at most 1.",
        "too-small": "too-small.yaml:5:35: "cache.windowSize" is -1, but it must be at least 0.",
        "two-documents": "two-documents.yaml:7:1: not valid YAML: Several documents in one file; leave out the lines "---".",
        "unknown-choice": "unknown-choice.yaml:5:33: "cache.rounding" is "flor", but it must be one of floor, round, largest_remainder. Did you mean "floor"?",
        "unknown-key": "unknown-key.yaml:7:1: unknown key "note". Did you mean "notes"?",
        "unknown-nested-key": "unknown-nested-key.yaml:7:3: unknown key "cache.layerBuget". Did you mean "layerBudget"?",
        "unknown-number": "unknown-number.yaml:6:37: "unmask.mode" is 3, but it must be one of 0, 1, 2.",
        "unknown-policy": "unknown-policy.yaml:6:11: "cache.policy" is "dcuu", but it must be one of none, dllm-cache, dkv-decode, dkv-greedy, dkv-prefill, dkv-pd, prefix, dual, dcu, dcu-released. Did you mean "dcu"?",
        "wrong-type": "wrong-type.yaml:5:36: "cache.layerBudget" is "many", but it must be a whole number.",
        "yes-for-true": "yes-for-true.yaml:5:29: "cache.auto" is "yes", but it must be true or false.",
      }
    `);
  });

  test('experiment files', () => {
    expect(messages('experiments', (path) => readExperiment(path))).toMatchInlineSnapshot(`
      {
        "average-outside": "average-outside.yaml:13:16: there is no benchmark "math". Known: gsm8k, arc.",
        "benchmark-exception": "benchmark-exception.yaml:15:9: there is no benchmark "math". Known: gsm8k, arc.",
        "benchmark-setting": "benchmark-setting.yaml:15:25: "perBenchmark.gsm8k.blockLength" is "no", but it must be a whole number.",
        "benchmark-twice": "benchmark-twice.yaml:12:21: benchmark "gsm8k" is listed twice.",
        "empty-group": "empty-group.yaml:10:14: "groups[0].methods" is [], but it must be a list that is not empty.",
        "generation-key": "generation-key.yaml:15:3: unknown key "generation.genLenght". Did you mean "genLength"?",
        "limit-zero": "limit-zero.yaml:7:8: "limit" is 0, but it must be at least 1.",
        "method-twice": "method-twice.yaml:10:29: method "vanilla" is listed twice.",
        "unknown-baseline": "unknown-baseline.yaml:11:11: there is no method "vanila". Did you mean "vanilla"?",
        "unknown-benchmark": "unknown-benchmark.yaml:12:14: There is no benchmark "gsm9k"; there are arc, gpqa, gpqa_diamond, gsm8k, gsm8k_cot, hendrycks_math, humaneval, humaneval_fast, humaneval_instruct, math, mmlu. Did you mean "gsm8k"?",
        "unknown-layout": "unknown-layout.yaml:3:9: "layout" is "tabel1", but it must be one of table1, grid. Did you mean "table1"?",
        "unknown-method": "unknown-method.yaml:10:24: there is no method "adp". Did you mean "apd"?",
        "unknown-profile": "unknown-profile.yaml:5:10: Benchmark gsm8k has no profile "minni"; it has lm-eval, mini, opencompass, opencompass-llada. Did you mean "mini"?",
      }
    `);
  });
});
