import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { score } from '../../src/scoring/score.js';
import { listTasks, loadTask } from '../../src/tasks/library.js';
import { refusal } from './data-dir.js';
import { packageWith, taskYaml } from './helpers.js';

describe('the mini profile', () => {
  const ids = ['arc', 'gpqa', 'gsm8k', 'humaneval', 'math', 'mmlu'];

  it('has the six benchmarks', () => {
    expect(
      listTasks()
        .filter(({ profile }) => profile === 'mini')
        .map(({ id }) => id),
    ).toEqual(ids);
  });

  it.each(ids)('%s: at least 200 samples with ids of their own, prompts filled', async (id) => {
    const task = loadTask(id, 'mini');
    const samples = await task.samples();
    expect(samples.length).toBeGreaterThanOrEqual(200);
    expect(new Set(samples.map((sample) => sample.id)).size).toBe(samples.length);
    expect(new Set(samples.map(({ parts }) => parts.text)).size).toBe(samples.length);
    for (const sample of samples) {
      expect(sample.id).toMatch(new RegExp(`^${id}/\\d{4}-[0-9a-f]{8}$`));
      expect(sample.parts.text).not.toMatch(/undefined|\{(?:question|a|b|c|d|problem|prompt)\}/);
    }
  });

  it.each(ids.filter((id) => id !== 'humaneval'))('%s: the data set answers score as right', async (id) => {
    const task = loadTask(id, 'mini');
    for (const sample of await task.samples()) {
      expect(await score(task, sample, sample.meta.solution), sample.id).toMatchObject({ correct: true });
    }
  });

  it.each(
    ids.filter((id) => id !== 'humaneval'),
  )('%s: the answer of another sample is mostly wrong', async (id) => {
    const task = loadTask(id, 'mini');
    const samples = await task.samples();
    let right = 0;
    for (const [i, sample] of samples.entries()) {
      const other = samples[(i + 1) % samples.length]!;
      if ((await score(task, sample, other.meta.solution)).correct) right++;
    }
    expect(right / samples.length).toBeLessThan(0.4);
  });

  it('leaves MATH out of the five-task average', () => {
    expect(ids.filter((id) => loadTask(id, 'mini').inAverage)).toEqual(ids.filter((id) => id !== 'math'));
  });

  it('states the hash of the data file and of the prompt', () => {
    const task = loadTask('mmlu', 'mini');
    const bytes = readFileSync(`${packageRoot}/tasks/mini/mmlu.test.jsonl`);
    expect(task.dataSha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(task.promptSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(task.promptSha256).not.toBe(loadTask('gsm8k', 'mini').promptSha256);
  });
});

describe('task files', () => {
  it('suggests the nearest benchmark and lists the profiles', async () => {
    const unknown = await refusal(() => loadTask('gsm8', 'mini'));
    expect(unknown).toMatchObject({ code: 'TASK_UNKNOWN', exitCode: 2 });
    expect(unknown.message).toContain('Did you mean "gsm8k"?');
    expect((await refusal(() => loadTask('gsm8k', 'minni'))).message).toContain('Did you mean "mini"?');
  });

  it.each([
    ['unknown key', taskYaml.replace('title:', 'titel:'), /"titel"|"title"/],
    [
      'unknown key deep down',
      taskYaml.replace('mode: strict', 'mode: strict, x: 1'),
      /scorers\.0\.filter\.x/,
    ],
    ['unknown filter', taskYaml.replace('kind: gsm8k', 'kind: gsm9k'), /scorers\.0\.filter/],
    ['unknown record schema', taskYaml.replace('records: gsm8k', 'records: gsm9k'), /"records"/],
    ['block that does not divide', taskYaml.replace('blockLength: 32', 'blockLength: 48'), /blockLength/],
    ['another id', taskYaml.replace('id: gsm8k', 'id: gsm9k'), /must agree/],
    ['broken pattern', taskYaml.replace('kind: gsm8k, mode: strict', 'kind: regex, pattern: "("'), /pattern/],
    ['no YAML', taskYaml.replace('shots: 0', 'shots: ['), /Line \d+ of/],
    ['shots', taskYaml.replace('shots: 0', 'shots: 5'), /"shots"/],
  ])('%s is one sentence', async (_name, yaml, expected) => {
    const root = packageWith({ 'tasks/gsm8k.mini.yaml': yaml });
    const error = await refusal(() => loadTask('gsm8k', 'mini', root));
    expect(error.code).toBe('TASK_FILE');
    expect(error.message).toMatch(expected);
    expect(error.message).not.toContain('\n');
  });
});

describe('data files', () => {
  const good = '{"question":"q","answer":"#### 1"}';
  it.each([
    ['not JSON', `${good}\n{"question":`, 'DATA_NOT_JSON', /Line 2 of .*data\.jsonl/],
    ['a missing field', `${good}\n\n{"question":"q"}`, 'DATA_RECORD', /Line 3 .*"answer" is missing/],
    ['a wrong type', '{"question":1,"answer":"#### 1"}', 'DATA_RECORD', /Line 1 .*"question"/],
    ['no final number', '{"question":"q","answer":"1"}', 'DATA_RECORD', /"answer": has no final/],
    ['an array', '[1]', 'DATA_RECORD', /Line 1 .*not an object/],
    ['nothing', '\n \n', 'DATA_EMPTY', /holds no record/],
  ])('%s names file and line', async (_name, data, code, expected) => {
    const root = packageWith({ 'tasks/gsm8k.mini.yaml': taskYaml, 'data.jsonl': data });
    const error = await refusal(() => loadTask('gsm8k', 'mini', root).samples());
    expect(error.code).toBe(code);
    expect(error.message).toMatch(expected);
  });

  it('a missing file is named', async () => {
    const root = packageWith({ 'tasks/gsm8k.mini.yaml': taskYaml });
    const error = await refusal(() => loadTask('gsm8k', 'mini', root).samples());
    expect(error.message).toMatch(/data\.jsonl does not exist/);
  });

  it('ids depend on place and content only', async () => {
    const two = async (data: string) => {
      const root = packageWith({ 'tasks/gsm8k.mini.yaml': taskYaml, 'data.jsonl': data });
      return (await loadTask('gsm8k', 'mini', root).samples()).map((sample) => sample.id);
    };
    const other = '{"question":"r","answer":"#### 2"}';
    expect(await two(`${good}\r\n${other}\r\n`)).toEqual(await two(`${good}\n${other}`));
    expect(await two(`${good}\n${other}`)).not.toEqual(await two(`${other}\n${good}`));
    const [first, second] = await two(`${good}\n${good}`);
    expect(first).not.toBe(second);
  });

  it('a template that names no field of the record says which there are', async () => {
    const yaml = taskYaml.replace("'{question}'", "'{questoin}'");
    const root = packageWith({ 'tasks/gsm8k.mini.yaml': yaml, 'data.jsonl': good });
    const error = await refusal(() => loadTask('gsm8k', 'mini', root).samples());
    expect(error).toMatchObject({ code: 'TASK_TEMPLATE' });
    expect(error.message).toContain('Did you mean "question"?');
  });
});
