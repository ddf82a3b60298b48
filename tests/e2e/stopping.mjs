// A run that stops when its mean is precise enough: it leaves samples unasked and ends well, asks nothing
// when it is started again, and goes on when the rule is stricter; killed and started again it stops where it
// would have stopped.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { inFlight, Lab, samples, sums } from './lab.mjs';

const rule = (halfWidth) => `stop_when = { judge = "gsm8k-flexible", half_width = ${halfWidth}, min_samples = 50 }\n`;

const ruled = { ...sums, experiment: (url) => sums.experiment(url) + rule(0.12) };

async function finish(lab) {
  const { code, log } = await lab.start().ended;
  assert.equal(code, 0, log);
  return log;
}

async function stopsEarly(lab) {
  const log = await finish(lab);
  assert.match(log, /stopped: precise enough \(gsm8k-flexible: 0\.\d+, 0\.\d+ to 0\.\d+, after \d+ of 400 samples\)/);
  assert.doesNotMatch(log, /run the same command again/);
  const { run, tasks, stopping } = lab.summary();
  assert.equal(run.state, 'finished');
  assert.equal(tasks.missing, 0);
  assert.equal(tasks.answered + tasks.spared, samples);
  assert.equal(tasks.answered, lab.truth().length);
  assert.ok(tasks.spared > 100, `only ${tasks.spared} were spared`);
  assert.equal(stopping.stopped, true);
  const [low, high] = stopping.models[0].interval;
  assert.ok(high - low <= 0.24 && low < 0.8 && 0.8 < high, `${low} to ${high}`);
  return stopping.models[0].samples;
}

async function asksNothingAgain(lab) {
  const before = lab.truth().length;
  const log = await finish(lab);
  assert.match(log, /stop_when leaves \d+ tasks unasked/);
  assert.equal(lab.truth().length, before);
}

/** A stricter rule goes on with the same run. */
async function goesOn(lab) {
  lab.write('sums.toml', lab.text.replace('0.12', '0.09'));
  const before = lab.truth().length;
  await finish(lab);
  const { run, stopping } = lab.summary();
  assert.equal(run.id, 1);
  assert.ok(lab.truth().length > before);
  assert.equal(stopping.models[0].enough, true);
  lab.write('sums.toml', lab.text.replace(/stop_when.*/, ''));
  await finish(lab);
  const { tasks, stopping: none } = lab.summary();
  assert.equal(tasks.answered, samples);
  assert.equal(none, null);
  assert.equal(lab.truth().length, samples);
}

async function opened(latency) {
  const lab = new Lab(process.argv[2], latency, ruled);
  await lab.open();
  lab.text = readFileSync(join(lab.folder, 'sums.toml'), 'utf8');
  return lab;
}

let least = 0;
const whole = await opened(20);
try {
  least = await stopsEarly(whole);
  await asksNothingAgain(whole);
  await goesOn(whole);
} finally {
  whole.close();
}

const killed = await opened(50);
try {
  const run = killed.start();
  await killed.seen(run, 80);
  run.kill('SIGKILL');
  await run.ended;
  await finish(killed);
  const { tasks, stopping } = killed.summary();
  assert.equal(stopping.stopped, true);
  assert.equal(tasks.missing, 0);
  assert.ok(Math.abs(stopping.models[0].samples - least) <= 3 * inFlight, `${stopping.models[0].samples}, not ${least}`);
  console.log(`stopped after ${least} of ${samples} samples; killed in between after ${stopping.models[0].samples}`);
} finally {
  killed.close();
}
