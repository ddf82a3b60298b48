// `kill -9` at a third and at two thirds of a run: nothing is lost, nothing is recorded twice, and
// no more is sent again than was in flight: an outcome keeps its slot until it is durable.
import assert from 'node:assert/strict';

import { checkComplete } from './complete.mjs';
import { inFlight, Lab, samples } from './lab.mjs';

async function killAt(lab, share) {
  const run = lab.start();
  await lab.seen(run, Math.round(samples * share));
  run.kill('SIGKILL');
  const { signal, log } = await run.ended;
  assert.equal(signal, 'SIGKILL', `the run had ended before: ${log}`);
}

/** While a run is going on, a second one of the same file says who is at it, and leaves it alone. */
async function refusesSecond(lab) {
  const first = lab.start();
  await lab.seen(first, lab.truth().length + inFlight);
  const second = await lab.start().ended;
  assert.equal(second.code, 2, second.log);
  assert.match(second.log, new RegExp(`is held by process ${first.pid} on .*\\(wait until it ends, or stop it first\\)`));
  const { code, log } = await first.ended;
  assert.equal(code, 0, log);
}

const lostByKill = inFlight;

const lab = new Lab(process.argv[2], 50);
try {
  await lab.open();
  await killAt(lab, 1 / 3);
  const committed = lab.rows().filter((row) => row.status === 'answered').length;
  assert.ok(committed >= lab.truth().length - lostByKill, `only ${committed} were committed at the first kill`);
  await killAt(lab, 2 / 3);
  await refusesSecond(lab);
  await checkComplete(lab, 2 * lostByKill);
  console.log(`two kills: ${lab.truth().length - samples} extra requests, ${samples} outcomes`);
} finally {
  lab.close();
}
