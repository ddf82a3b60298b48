// The modes of `assay demo` bring the same rankings and the same answers for the same seed, whatever
// fails on the way, and other ones for another seed. Nothing is left running.
import assert from 'node:assert/strict';

import { brought, DemoLab } from './demo_lab.mjs';

const small = ['--apis', 'openai,claude', '--workers', '2'];
const stress = ['--suite', 'stress', '--apis', 'openai', '--workers', '2'];

async function modes(lab) {
  const simulated = await lab.run('three', ...small, '--seed', '3');
  const served = await lab.run('three', ...small, '--seed', '3', '--mode', 'multiprocess');
  const other = await lab.run('four', ...small, '--seed', '4');
  assert.deepEqual(brought(served), brought(simulated));
  assert.deepEqual(served.rankings.map((r) => r.models.length), [4, 4]);
  assert.notDeepEqual(
    other.rankings.map((r) => r.models.map((m) => m.model)),
    simulated.rankings.map((r) => r.models.map((m) => m.model)),
  );
  for (const { calls_by_node: calls } of [simulated, served]) {
    assert.deepEqual(Object.keys(calls), ['node-1', 'node-2']);
    assert.ok(Math.min(...Object.values(calls)) > 40, JSON.stringify(calls));
  }
  assert.equal(simulated.answers.length, 400);
  assert.ok(simulated.answers.every((row) => row.status === 'answered'));
}

/** One task in fifteen meets a failure or a 429; the demo is interrupted, killed, and goes on. */
async function failures(lab) {
  const simulated = await lab.run('stress', ...stress);
  const failed = (results) => results.experiments.flatMap((e) => e.providers).reduce((n, p) => n + p.attempts - p.tasks, 0);
  assert.ok(failed(simulated) > 50, `${failed(simulated)} attempts more than tasks`);

  for (const [signal, code] of [['SIGINT', 130], ['SIGKILL', null]]) {
    const cut = lab.start('stress', ...stress, '--mode', 'multiprocess');
    await lab.said(cut, /Completed/);
    assert.equal(lab.nodes().length, 2);
    cut.kill(signal);
    const ended = await cut.ended;
    assert.equal(ended.code, code, ended.log);
    assert.ok(await lab.deserted(), `nodes are left after ${signal}`);
  }
  const served = await lab.run('stress', ...stress, '--mode', 'multiprocess');
  assert.deepEqual(brought(served), brought(simulated));
}

const lab = new DemoLab(process.argv[2]);
try {
  await modes(lab);
  await failures(lab);
  const foreign = await lab.start('three', ...small, '--seed', '5').ended;
  assert.equal(foreign.code, 2);
  assert.match(foreign.log, /is of another demo, or has been changed/);
  console.log('simulation and processes: the same answers, also through failures and a crash');
} finally {
  lab.close();
}
