// `assay demo --mode distributed`: nodes on hosts (networks) of their own bring what the simulation
// brings; neither an interrupt nor a crash leaves a process or a network behind.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';

import { brought, DemoLab, networkOf } from './demo_lab.mjs';

const options = ['--apis', 'openai,claude', '--workers', '3'];
const distributed = [...options, '--mode', 'distributed'];
const links = () => execFileSync('ip', ['-brief', 'link'], { encoding: 'utf8' });

async function cut(lab, signal, code) {
  const demo = lab.start(signal, ...distributed, '--suite', 'stress');
  await lab.said(demo, /Completed/);
  const networks = new Set([...lab.nodes(), demo.pid, 'self'].map(networkOf));
  assert.equal(networks.size, 5, 'three nodes, the coordinator and we are in five networks');
  demo.kill(signal);
  const ended = await demo.ended;
  assert.equal(ended.code, code, ended.log);
  assert.ok(await lab.deserted(), `nodes are left after ${signal}`);
}

/** Who may not make networks is told so, and what to do instead. */
function withoutRights(lab) {
  const words = ['--bounding-set', '-sys_admin', lab.program, 'demo', ...distributed, '--output-dir', 'refused'];
  const refused = spawnSync('setpriv', words, { cwd: lab.folder, encoding: 'utf8' });
  assert.equal(refused.status, 2, refused.stderr);
  assert.match(refused.stderr, /needs the rights of root \(run it as root, or take --mode multiprocess/);
}

const lab = new DemoLab(process.argv[2]);
try {
  const before = links();
  withoutRights(lab);
  const simulated = await lab.run('demo', ...options);
  assert.deepEqual(brought(await lab.run('demo', ...distributed)), brought(simulated));
  await cut(lab, 'SIGINT', 130);
  await cut(lab, 'SIGKILL', null);
  assert.equal(links(), before);
  console.log('three hosts: what the simulation brings; nothing is left behind');
} finally {
  lab.close();
}
