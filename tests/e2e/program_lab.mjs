// Samples that are answered by programs, each tested by a check of its own (as HumanEval has them),
// with a coordinator and nodes over TLS that run them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

import { Lab, sleep } from './lab.mjs';

const python = '/usr/bin/python3';

/** Whether bubblewrap works here and there is a Python. */
export function canRunPrograms() {
  const tried = spawnSync('bwrap', ['--ro-bind', '/', '/', '--unshare-all', python, '-c', '0']);
  return tried.status === 0;
}

/** `busy`: what a check does besides, indented by four. */
function rows(count, busy) {
  return Array.from({ length: count }, (_, i) => ({
    task_id: `p${i}`,
    prompt: `def add_${i}(x):\n    """Gives x + ${i}."""\n`,
    entry_point: `add_${i}`,
    canonical_solution: `def add_${i}(x):\n    return x + ${i}\n`,
    test: `def check(f):\n    import time\n${busy}\n    assert f(1) == ${i + 1}\n`,
  }));
}

const dataset = `
[datasets.functions]
path = "sums.jsonl"
fields = { id = "task_id", input = "prompt" }
`;

const mock = () => `
[mocks.lab]
seed = 3
datasets = ["functions"]

[mocks.lab.models.coder]
accuracy = 0.7
programs = true
first_token_ms = 5
${dataset}`;

const experiment = (url) => `
ledger = "LEDGER"

[providers.lab]
base_url = "${url}/v1"
max_parallel = 50

[models.coder]
provider = "lab"
${dataset}
[prompts.complete]
user = "Complete this function.\\n\\n{{input}}"

[judges.works]
type = "program"

[experiments.functions]
datasets = "functions"
models = "coder"
prompts = "complete"
judges = "works"
mode = "program_execution"

[nodes]
listen = "127.0.0.1:0"
certificates = "certs"
heartbeat = "200ms"
`;

export class ProgramLab {
  constructor(build, count, busy) {
    this.count = count;
    this.running = [];
    this.lab = new Lab(build, 0, { rows: rows(count, busy), files: {}, mock, experiment });
  }

  async open(...nodes) {
    await this.lab.open();
    this.text = this.lab.read('sums.toml');
    for (const args of [['init', 'certs'], ...['coordinator', ...nodes].map((n) => ['issue', 'certs', n])])
      assert.equal(this.lab.ask('certs', ...args).code, 0);
  }

  /** `assay run`, with so many programs at the same time. */
  run(ledger, workers) {
    this.sandbox = `\n[sandbox]\nworkers = ${workers}\n`;
    return this.start(ledger, 'run');
  }

  start(ledger, command, ...args) {
    this.lab.ledger = ledger;
    this.lab.write(`${ledger}.toml`, this.text.replace('LEDGER', ledger) + (this.sandbox ?? ''));
    const child = this.lab.start(command, `${ledger}.toml`, ...args);
    this.running.push(child);
    return child;
  }

  /** A coordinator that makes the calls itself, and runs so many programs. */
  async serve(ledger, programs) {
    const child = this.start(ledger, 'serve', '--local', '50', '--programs', `${programs}`);
    const port = /nodes join at port (\d+)/;
    await said(child, port);
    this.port = child.log().match(port)[1];
    return child;
  }

  node(name, programs, ...more) {
    const child = this.lab.start(
      'node', '--coordinator', `127.0.0.1:${this.port}`, '--certificates', 'certs', '--worker-id', name,
      '--programs', `${programs}`, ...more);
    this.running.push(child);
    return child;
  }

  /** Every sample's verdict in that ledger. */
  verdicts(ledger) {
    this.lab.ledger = ledger;
    const rows = this.lab.rows();
    assert.equal(rows.length, this.count);
    return Object.fromEntries(
      rows.map((row) => {
        assert.equal(row.verdicts.length, 1, row.sample.id);
        const { judge, version, score, extracted, explanation } = row.verdicts[0];
        return [row.sample.id, { judge, version, score, extracted, explanation }];
      }));
  }

  close() {
    for (const child of this.running) child.kill('SIGKILL');
    this.lab.close();
  }
}

export async function said(child, what, seconds = 30) {
  for (let i = 0; i < seconds * 100 && !what.test(child.log()); ++i) await sleep(10);
  assert.match(child.log(), what);
}
