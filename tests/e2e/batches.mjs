// `kill -9` around every step of a batch: when its upload or creation arrives, while the provider
// works on it, and when its results are fetched. By the server's count nothing is handed over twice,
// and everything is answered.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Lab, samples, sleep } from './lab.mjs';

const items = 100;

const fileFor = (url, dialect) => `
ledger = "ledger.db"

[providers.lab]
dialect = "${dialect}"
base_url = "${url}"
batch = { poll = "100ms", longest_poll = "200ms", max_items = ${items} }
retry = { initial_backoff = "50ms" }

[models.small]
provider = "lab"
max_tokens = 64
prices = { input = 1, output = 2 }

[datasets.sums]
path = "sums.jsonl"
fields = { id = "id", input = "question", target = "answer" }

[experiments.sums]
datasets = "sums"
models = "small"
prompts = "baseline"
judges = "gsm8k-flexible"
delivery = "batch"
`;

const steps = {
  openai: [/\/files$/, /\/batches$/, /\/batches\/[^/]+$/, /\/content$/],
  anthropic: [/\/batches$/, /\/batches\/[^/]+$/, /\/results$/],
};

const count = (lab, path) => lab.truth().filter((line) => path.test(line.path)).length;

/** Starts the run and kills it a moment after one more request of this kind has arrived. */
async function killAt(lab, path, wait) {
  const before = count(lab, path);
  const run = lab.start();
  for (let i = 0; i < 5_000 && run.exitCode === null && count(lab, path) === before; ++i) await sleep(1);
  await sleep(wait);
  run.kill('SIGKILL');
  return (await run.ended).signal === 'SIGKILL';
}

/** With a batch at the provider, single calls are refused: they would be paid for twice. */
async function refusesSingleCalls(lab, file) {
  const run = lab.start();
  await lab.seen(run, 1);
  while (!lab.truth().some((line) => line.items > 0)) await sleep(1);
  run.kill('SIGKILL');
  await run.ended;
  const arrivals = lab.truth().length;
  lab.write('sums.toml', file.replace('delivery = "batch"', ''));
  const { code, log } = await lab.start().ended;
  assert.equal(code, 2, log);
  assert.match(log, /the run has a batch at provider lab that is not collected .*\(run once more with delivery = "batch" to collect it\)/);
  assert.ok(lab.truth().every((line) => !line.path.includes('completions')), 'a single call was sent');
  assert.ok(lab.truth().length <= arrivals + 1);
  lab.write('sums.toml', file);
}

/** A new ledger and a new provider; `disturb` is what happens before the last start. */
async function scene(dialect, disturb) {
  const lab = new Lab(process.argv[2], 5);
  try {
    lab.write('mock.toml', readFileSync(join(lab.folder, 'mock.toml'), 'utf8') + '\n[mocks.lab.batch]\ntime = "150ms"\n');
    await lab.open();
    const url = /base_url = "(.*)\/v1"/.exec(readFileSync(join(lab.folder, 'sums.toml'), 'utf8'))[1];
    const file = fileFor(url, dialect);
    lab.write('sums.toml', file);
    await disturb(lab, file);
    const { code, log } = await lab.start().ended;
    assert.equal(code, 0, log);
    const rows = lab.rows();
    assert.equal(rows.length, samples);
    assert.ok(rows.every((row) => row.status === 'answered' && row.verdicts.length === 1), log);
    const handedOver = lab.truth().reduce((sum, line) => sum + (line.items ?? 0), 0);
    assert.equal(handedOver, samples, `${handedOver} requests were handed over in batches`);
  } finally {
    lab.close();
  }
}

let kills = 0;
for (const dialect of ['openai', 'anthropic']) {
  await scene(dialect, refusesSingleCalls);
  for (const path of steps[dialect])
    await scene(dialect, async (lab) => {
      for (const wait of [0, 3]) kills += await killAt(lab, path, wait);
    });
}
assert.ok(kills >= 7, `only ${kills} kills`);
console.log(`${kills} kills, no request handed over twice, no answer lost`);
