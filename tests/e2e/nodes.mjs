// A coordinator and three nodes over TLS: a node is killed, another one frozen until it counts as
// lost, and the coordinator killed and started again. Every sample has its outcome exactly once, the
// limit is kept, only nodes with the tags of the account call it, and strangers are not let in.
import assert from 'node:assert/strict';

import { checkComplete } from './complete.mjs';
import { inFlight, Lab, samples, sleep, sums } from './lab.mjs';

const experiment = (url) =>
  sums.experiment(url).replace('max_parallel', 'timeouts = { total = "2s" }\nnode_tags = ["region=eu"]\nmax_parallel') +
  `
[nodes]
listen = "127.0.0.1:LISTEN"
certificates = "certs"
heartbeat = "200ms"
`;

async function said(child, what) {
  for (let i = 0; i < 1000 && !what.test(child.log()); ++i) await sleep(10);
  assert.match(child.log(), what);
}

class Fleet {
  constructor(lab) {
    this.lab = lab;
    this.running = [];
    for (const args of [['init', 'certs'], ...['coordinator', 'n1', 'n2', 'n3', 'us'].map((n) => ['issue', 'certs', n])]) {
      const done = lab.ask('certs', ...args);
      assert.equal(done.code, 0, done.log);
    }
  }

  /** Starts the coordinator, at the port of the one before. */
  async serve() {
    const text = experiment(this.lab.url).replace('LISTEN', this.port ?? 0);
    this.lab.write('sums.toml', text);
    const child = this.lab.start('serve', 'sums.toml');
    this.running.push(child);
    const port = /nodes join at port (\d+)/;
    await said(child, port);
    this.port = child.log().match(port)[1];
    return child;
  }

  node(name, spool = 'spool', ...more) {
    const child = this.lab.start(
      'node', '--coordinator', `127.0.0.1:${this.port}`, '--certificates', 'certs', '--worker-id', name,
      '--results-dir', spool, ...more);
    this.running.push(child);
    return child;
  }

  close() {
    for (const child of this.running) child.kill('SIGKILL');
  }
}

const lab = new Lab(process.argv[2], 100, { ...sums, experiment: (url) => ((lab.url = url), '') });
let fleet;
try {
  await lab.open();
  fleet = new Fleet(lab);
  let coordinator = await fleet.serve();
  const n1 = fleet.node('n1', 'spool', '--tags', 'region=eu');
  const quiet = ['--log-level', 'info', '--log-file', 'n2.log', '--disable-anomaly-detection', '--tags', 'region=eu'];
  const n2 = fleet.node('n2', 'spool', ...quiet, '--disable-predictive-analytics');
  await said(fleet.node('n3', 'spool', '--tags', 'large,region=eu'), /joined coordinator/);
  fleet.node('us', 'spool', '--tags', 'region=us');
  const twin = fleet.node('n3', 'another spool');
  const sibling = await fleet.node('n3').ended;
  assert.equal(sibling.code, 2);
  assert.match(sibling.log, /n3\.spool: another process keeps its results here/);

  await lab.seen(coordinator, samples / 5);
  await said(twin, /refused: a node of this name is connected/);
  twin.kill('SIGKILL');
  n1.kill('SIGKILL');
  await lab.seen(coordinator, (2 * samples) / 5);
  n2.kill('SIGSTOP');
  await sleep(1500);
  n2.kill('SIGCONT');
  await lab.seen(coordinator, (3 * samples) / 5);
  coordinator.kill('SIGKILL');
  await coordinator.ended;
  await sleep(300);
  coordinator = await fleet.serve();
  const { code, log } = await coordinator.ended;
  assert.equal(code, 0, log);

  const most = Math.max(...lab.truth().map((line) => line.in_flight));
  assert.ok(most <= inFlight, `${most} at the same time`);
  n2.kill('SIGTERM');
  assert.equal((await n2.ended).code, 0, n2.log());
  assert.match(lab.read('n2.log'), /joined coordinator/);
  assert.equal(n2.log(), '');
  await checkComplete(lab, 3 * inFlight);
  const nodes = new Set(lab.rows().flatMap((row) => row.attempts.map((a) => a.node)));
  assert.ok(nodes.has('n1') && nodes.has('n2') && !nodes.has('') && !nodes.has('us'), [...nodes].join());
  console.log(`three nodes: ${lab.truth().length - samples} extra requests, ${samples} outcomes`);
} finally {
  fleet?.close();
  lab.close();
}
