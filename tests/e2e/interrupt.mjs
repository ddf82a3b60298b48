// Ctrl-C once finishes what is in flight, twice stops at once; both leave a run that resumes.
import assert from 'node:assert/strict';

import { checkComplete } from './complete.mjs';
import { inFlight, Lab, samples } from './lab.mjs';

const answered = (lab) => lab.rows().filter((row) => row.status === 'answered').length;

/** All that was sent is recorded: resuming sends nothing twice. */
async function once(build) {
  const lab = new Lab(build, 50);
  try {
    await lab.open();
    const run = lab.start();
    await lab.seen(run, samples / 3);
    run.kill('SIGINT');
    const { code, log } = await run.ended;
    assert.equal(code, 130, log);
    assert.match(log, /press Ctrl-C again to stop at once/);
    assert.ok(lab.truth().length < samples, 'the run was over before');
    assert.equal(answered(lab), lab.truth().length, 'an answer in flight was not recorded');
    assert.equal(lab.summary().run.state, 'interrupted');
    const resumed = await lab.start().ended;
    assert.equal(resumed.code, 0, resumed.log);
    await checkComplete(lab, 0);
  } finally {
    lab.close();
  }
}

/** Answers that take 8 s are not waited for. */
async function twice(build) {
  const lab = new Lab(build, 8_000);
  try {
    await lab.open();
    const run = lab.start();
    await lab.seen(run, inFlight);
    run.kill('SIGINT');
    await new Promise((done) => setTimeout(done, 300));
    run.kill('SIGINT');
    const begun = performance.now();
    const { code, log } = await run.ended;
    assert.equal(code, 130, log);
    assert.ok(performance.now() - begun < 5_000, `it took ${performance.now() - begun} ms to stop`);
    assert.equal(answered(lab), 0);
    lab.mock.kill('SIGKILL');
    lab.faster(20);
    await lab.open();
    const resumed = await lab.start().ended;
    assert.equal(resumed.code, 0, resumed.log);
    await checkComplete(lab, inFlight);
  } finally {
    lab.close();
  }
}

await once(process.argv[2]);
await twice(process.argv[2]);
console.log('one and two interrupts: both runs were completed by the next');
