// Programs that nodes run: a coordinator that runs none itself and two nodes over TLS, one of which
// is killed while it runs some and another drained. Every verdict is given once, and they are those
// that `assay run` gives alone.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';

import { ProgramLab, canRunPrograms, said } from './program_lab.mjs';
import { sleep } from './lab.mjs';

if (!canRunPrograms()) {
  console.log('bubblewrap does not work here');
  process.exit(77);
}

const lab = new ProgramLab(process.argv[2], 60, '    time.sleep(0.2)');

/** Waits until it runs programs. */
async function runsSome(node) {
  const task = `/proc/${node.pid}/task`;
  for (let i = 0; i < 1000; ++i) {
    if (readdirSync(task).some((thread) => readFileSync(`${task}/${thread}/children`, 'utf8') !== '')) return;
    await sleep(10);
  }
  throw new Error(`it runs no programs: ${node.log()}`);
}

try {
  await lab.open('n1', 'n2', 'n3');
  const alone = await lab.run('alone.db', 2).ended;
  assert.equal(alone.code, 0, alone.log);
  const expected = lab.verdicts('alone.db');
  const right = Object.values(expected).filter((v) => v.score === 1).length;
  assert.ok(right > 20 && right < 60, `${right} are right`);

  const coordinator = await lab.serve('nodes.db', 0);
  const lost = lab.node('n1', 2);
  const drained = lab.node('n2', 1);
  await runsSome(lost);
  await sleep(500);
  lost.kill('SIGKILL');
  await said(coordinator, /node-lost node=n1/);
  lab.node('n3', 2);
  await sleep(500);
  drained.kill('SIGTERM');
  const left = await drained.ended;
  assert.equal(left.code, 0, left.log);
  const done = await coordinator.ended;
  assert.equal(done.code, 0, done.log);
  assert.deepEqual(lab.verdicts('nodes.db'), expected);
  console.log(`${right} of 60 programs right, by nodes of which one was lost, as by one process`);
} finally {
  lab.close();
}
