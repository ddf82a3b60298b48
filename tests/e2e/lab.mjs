// A folder with an experiment of 400 samples, the mock that serves it, and the program to run it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const samples = 400;
export const inFlight = 20;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const dataset = `
[datasets.sums]
path = "sums.jsonl"
fields = { id = "id", input = "question", target = "answer" }
`;

const mock = (latency) => `
[mocks.lab]
seed = 11
datasets = ["sums"]

[mocks.lab.models.small]
accuracy = 0.8
first_token_ms = ${latency}
output_tokens = 8
tokens_per_second = 0
${dataset}`;

const experiment = (url) => `
ledger = "ledger.db"

[providers.lab]
base_url = "${url}/v1"
max_parallel = ${inFlight}

[models.small]
provider = "lab"
max_tokens = 64
prices = { input = 1, output = 2 }
${dataset}
[experiments.sums]
datasets = "sums"
models = "small"
prompts = "baseline"
judges = "gsm8k-flexible"
`;

/** A dataset, and the files that serve it and ask it. */
export const sums = {
  rows: Array.from({ length: samples }, (_, i) => ({
    id: `s${i}`,
    question: `A shelf holds ${i + 3} books and gets ${2 * i + 5} more. How many books are there?`,
    answer: `${3 * i + 8}`,
  })),
  files: {},
  mock,
  experiment,
};

/** `latency` is the time that the mock takes for an answer, in milliseconds. */
export class Lab {
  constructor(build, latency, scene = sums) {
    this.program = join(resolve(build), 'assay');
    this.scene = scene;
    this.ledger = 'ledger.db';
    this.folder = mkdtempSync(join(tmpdir(), 'assay-e2e-'));
    this.truthFile = join(this.folder, 'truth.jsonl');
    this.write('sums.jsonl', scene.rows.map((row) => JSON.stringify(row)).join('\n'));
    for (const [name, text] of Object.entries(scene.files)) this.write(name, text);
    this.write('mock.toml', scene.mock(latency));
  }

  /** From the next open() on, answers take this long. */
  faster(latency) {
    this.write('mock.toml', this.scene.mock(latency));
  }

  write(name, text) {
    writeFileSync(join(this.folder, name), text);
  }

  read(name) {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  async open() {
    this.mock = spawn(this.program, ['mock', 'mock.toml', '--json', '--truth', this.truthFile], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    for await (const bytes of this.mock.stdout) {
      text += bytes;
      if (text.includes('\n')) break;
    }
    this.write('sums.toml', this.scene.experiment(JSON.parse(text).mocks[0].url));
  }

  close() {
    this.mock?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true });
  }

  /** Starts `assay run`, or another command; `ended` resolves with {code, signal, log, ms}. */
  start(...args) {
    return this.run(this.program, ...(args.length ? args : ['run', 'sums.toml']));
  }

  /** Starts any program, likewise. */
  run(program, ...args) {
    const child = spawn(program, args, { cwd: this.folder });
    const begun = performance.now();
    let log = '';
    child.stdout.on('data', (bytes) => (log += bytes));
    child.stderr.on('data', (bytes) => (log += bytes));
    child.log = () => log;
    child.ended = new Promise((done) =>
      child.on('close', (code, signal) => done({ code, signal, log, ms: performance.now() - begun })),
    );
    return child;
  }

  ask(...args) {
    const done = spawnSync(this.program, args, { cwd: this.folder, encoding: 'utf8', maxBuffer: 1 << 28 });
    return { code: done.status, out: done.stdout, log: done.stderr };
  }

  /** Every arrival at the mock so far. */
  truth() {
    return existsSync(this.truthFile) ? lines(readFileSync(this.truthFile, 'utf8')) : [];
  }

  /** Waits until the mock has seen `n` requests of `run`. */
  async seen(run, n) {
    for (let i = 0; i < 15_000 && run.exitCode === null && run.signalCode === null; ++i) {
      if (this.truth().length >= n) return;
      await sleep(2);
    }
    throw new Error(`the mock saw ${this.truth().length} requests, not ${n}; the run says: ${run.log()}`);
  }

  rows() {
    return lines(this.ask('--ledger', this.ledger, 'export', '--format', 'jsonl', '-o', '-').out);
  }

  summary() {
    return JSON.parse(this.ask('--ledger', this.ledger, '--json', 'show').out);
  }
}

/** The whole lines of a JSONL text. */
function lines(text) {
  return text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter(Boolean).map((line) => JSON.parse(line));
}
