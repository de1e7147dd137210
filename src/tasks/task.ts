import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { Scorable } from '../scoring/spec.js';
import { didYouMean } from '../suggest.js';
import { type LocatedData, locateData } from './data/locate.js';
import { type DataFileFacts, dataDigest, fileFacts, readData } from './data/read-data.js';
import { dataSet } from './data/registry.js';
import type { DataSource } from './data/source.js';
import { readJsonl } from './jsonl.js';
import { recordKinds } from './records/index.js';
import { groupSlug, type NamedRecord, nameRecords, renderSamples, type Sample, sha256 } from './samples.js';
import { planShots, type ShotChoice } from './shots.js';
import type { GenerationSpec, TaskSpec } from './spec.js';

/** Samples of a task and where their examples come from. */
export interface LoadedTask {
  readonly samples: readonly Sample[];
  /** Null without examples. */
  readonly shots: { readonly from: string; readonly sha256: string } | null;
  /** What was passed over in the data, in sentences. */
  readonly notices: readonly string[];
}

export interface TaskOptions {
  /** Folder of the package, or of another one with `tasks/`. */
  readonly root: string;
  readonly source?: DataSource;
  /** Subject or type, where only that one is wanted. */
  readonly group?: string | undefined;
  readonly shots?: ShotChoice;
}

/** A benchmark under one protocol, ready to be run and scored. */
export class Task implements Scorable {
  readonly spec: TaskSpec;
  readonly group: string | undefined;
  readonly #root: string;
  readonly #source: DataSource;
  readonly #shots: ShotChoice;
  #located: LocatedData | undefined;
  #facts: readonly DataFileFacts[] | undefined;
  #loaded: Promise<LoadedTask> | undefined;

  constructor(spec: TaskSpec, { root, source = {}, group, shots = {} }: TaskOptions) {
    this.spec = spec;
    this.group = group;
    this.#root = root;
    this.#source = source;
    this.#shots = shots;
  }

  get id(): string {
    return this.spec.id;
  }

  get profile(): string {
    return this.spec.profile;
  }

  get title(): string {
    return this.spec.title;
  }

  get until(): readonly string[] {
    return this.spec.until;
  }

  get scorers(): Scorable['scorers'] {
    return this.spec.scorers;
  }

  get generation(): GenerationSpec {
    return this.spec.generation;
  }

  get inAverage(): boolean {
    return this.spec.inAverage;
  }

  /** Whether its data comes with the package. */
  get packaged(): boolean {
    return typeof this.spec.data === 'string';
  }

  /** Whether its authors ask that no item be shown in plain text. */
  get confidential(): boolean {
    const { data } = this.spec;
    return typeof data !== 'string' && dataSet(data.set).confidential === true;
  }

  /**
   * The data file, relative to the package, or the data set, split and commit, as the manifest names it.
   *
   * @throws UsageError `DATA_MISSING`
   */
  get dataFile(): string {
    const { data } = this.spec;
    if (typeof data === 'string') return data;
    const { commit } = this.#locate();
    return `${dataSet(data.set).hub} ${data.split}${commit === null ? '' : ` at ${commit}`}`;
  }

  /**
   * Names, sizes and digests of the data files. Reads them.
   *
   * @throws UsageError `DATA_MISSING`
   */
  get dataFiles(): readonly DataFileFacts[] {
    const { data } = this.spec;
    this.#facts ??=
      typeof data === 'string'
        ? fileFacts({ files: [join(this.#root, data)], folder: this.#root })
        : fileFacts(this.#locate());
    return this.#facts;
  }

  /** Hex sha256 of the data. Reads it. */
  get dataSha256(): string {
    return dataDigest(this.dataFiles);
  }

  /** Hex sha256 of everything that shapes the prompt: templates, examples, chat frame or not. */
  get promptSha256(): string {
    const { prompt, shots, chat, description, shotPrompt, target, genPrefix } = this.spec;
    const { join, rendering, startOfText, descriptionInTurn } = this.spec;
    const more = {
      description,
      shotPrompt,
      target,
      genPrefix,
      join,
      rendering,
      startOfText,
      descriptionInTurn,
      choice: this.#shots,
    };
    return sha256(JSON.stringify({ prompt, shots, chat, ...(this.packaged ? {} : more) }));
  }

  /**
   * All samples in file order, read once.
   *
   * @throws UsageError DATA_* for data that is missing or broken, SHOTS_* for its examples, TASK_TEMPLATE for the prompt
   */
  async samples(): Promise<readonly Sample[]> {
    return (await this.load()).samples;
  }

  /** Samples and the origin of their examples, read once. @throws as `samples` */
  load(): Promise<LoadedTask> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  async #load(): Promise<LoadedTask> {
    const { named, notices } = await this.#records();
    const records = this.#ofGroup(named);
    const views = records.map(({ view }) => view);
    const plan = await planShots(this.spec, views, this.#source, this.#root, this.#shots);
    return {
      samples: renderSamples(this.spec, records, plan),
      shots: plan.origin,
      notices: [...notices, ...this.#rowNotice(named.length)],
    };
  }

  async #records(): Promise<{ named: NamedRecord[]; notices: readonly string[] }> {
    const { data, records } = this.spec;
    const kind = recordKinds.get(records)!;
    if (typeof data !== 'string') {
      const read = await readData(this.#locate(), kind.schema, kind.idField);
      return { named: nameRecords(this.spec, read.records), notices: read.notices };
    }
    const path = join(this.#root, data);
    const lines = readJsonl(path, kind.schema);
    const named = nameRecords(
      this.spec,
      lines.map(({ record, line }) => ({ record, path, row: line })),
      lines.map(({ source }) => source.trim()),
    );
    return { named, notices: [] };
  }

  /** A slice of a data set is no error, but its figures are not those of the whole. */
  #rowNotice(rows: number): string[] {
    const { data } = this.spec;
    if (typeof data === 'string' || this.group !== undefined) return [];
    const { title, rows: all } = dataSet(data.set);
    const whole = all[data.split];
    return rows === whole
      ? []
      : [`${title} has ${rows} ${data.split} rows here; the published one has ${whole}.`];
  }

  #ofGroup(records: readonly NamedRecord[]): readonly NamedRecord[] {
    if (this.group === undefined) return records;
    const slugOf = ({ view }: NamedRecord) => groupSlug(view.group ?? '');
    const members = records.filter((record) => slugOf(record) === this.group);
    if (members.length > 0) return members.map((record, index) => ({ ...record, index }));
    const groups = [...new Set(records.map(slugOf))].filter((slug) => slug !== '');
    const [first, second, third] = groups;
    const some =
      groups.length > 7 ? `${groups.length} such as ${first}, ${second}, ${third}` : groups.join(', ');
    const known = groups.length === 0 ? 'it has none' : `it has ${some}`;
    throw new UsageError(
      'TASK_GROUP',
      `${this.id}.${this.profile} has no part "${this.group}" here; ${known}.${didYouMean(this.group, groups)}`,
    );
  }

  #locate(): LocatedData {
    const { data } = this.spec;
    if (typeof data === 'string') throw new Error(`${this.id}.${this.profile} has its data in the package`);
    this.#located ??= locateData(dataSet(data.set), data.split, this.#source, this.group);
    return this.#located;
  }
}
