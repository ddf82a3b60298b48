// Two coordinators of one ledger on a PostgreSQL server, and a node that knows both: the leader is
// killed, the next one frozen until it is overtaken, and the server stopped for a while. Every sample
// has its outcome exactly once, and who was overtaken writes no more.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { checkComplete } from './complete.mjs';
import { inFlight, Lab, samples, sleep, sums } from './lab.mjs';
import { installed, Postgres } from './postgres.mjs';

if (!installed()) {
  console.log('PostgreSQL (the package `postgresql`) is not installed');
  process.exit(77);
}

async function said(child, what, seconds = 30) {
  for (let i = 0; i < seconds * 100 && !what.test(child.log()); ++i) await sleep(10);
  assert.match(child.log(), what);
}

const experiment = (url, ledger) =>
  sums.experiment(url)
    .replace('ledger = "ledger.db"', `ledger = "${ledger}"`)
    .replace('max_parallel', 'timeouts = { total = "2s" }\nmax_parallel') +
  `
[nodes]
listen = "127.0.0.1:0"
certificates = "certs"
heartbeat = "200ms"
`;

const database = new Postgres();
const lab = new Lab(process.argv[2], 200, { ...sums, experiment: (url) => experiment(url, database.address) });
lab.ledger = database.address;
const running = [];
const start = (...args) => {
  const child = lab.start(...args);
  running.push(child);
  return child;
};
const serve = (port) => start('serve', 'sums.toml', '--listen', `127.0.0.1:${port}`);

/** Ports that were free a moment ago. */
async function freePorts(count) {
  const { createServer } = await import('node:net');
  const servers = await Promise.all(
    Array.from({ length: count }, () => new Promise((done) => {
      const server = createServer().listen(0, '127.0.0.1', () => done(server));
    })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

try {
  await database.start();
  await lab.open();
  for (const args of [['init', 'certs'], ['issue', 'certs', 'coordinator'], ['issue', 'certs', 'n1']])
    assert.equal(lab.ask('certs', ...args).code, 0);
  const [one, two] = await freePorts(2);
  const first = serve(one);
  await said(first, /nodes join at port/);
  const second = serve(two);
  await said(second, /standby reason="the ledger is led by process \d+/);
  const addresses = `127.0.0.1:${one},127.0.0.1:${two}`;
  await said(start('node', '--coordinator', addresses, '--certificates', 'certs', '--worker-id', 'n1'), /joined/);

  await lab.seen(first, samples / 5);
  first.kill('SIGKILL');
  await said(second, /nodes join at port/);
  const third = serve(one);
  await said(third, /standby/);
  await lab.seen(second, (2 * samples) / 5);
  second.kill('SIGSTOP');
  await said(third, /nodes join at port/);
  second.kill('SIGCONT');
  const overtaken = await second.ended;
  assert.equal(overtaken.code, 3, overtaken.log);
  assert.match(overtaken.log, /taken over/);

  await lab.seen(third, (7 * samples) / 10);
  await database.stop();
  await sleep(1500);
  await database.start();
  const { code, log } = await third.ended;
  assert.equal(code, 0, log);
  assert.match(log, /ledger-unreachable/);
  assert.match(log, /ledger-reachable/);
  assert.ok(existsSync(join(lab.folder, 'assay-results/sums-run1.html')), 'the report of a ledger on a server');

  const most = Math.max(...lab.truth().map((line) => line.in_flight));
  assert.ok(most <= inFlight, `${most} at the same time`);
  await checkComplete(lab, 0);
  console.log(`two takeovers and an outage: ${lab.truth().length - samples} extra requests, ${samples} outcomes`);
} finally {
  for (const child of running) child.kill('SIGKILL');
  lab.close();
  database.close();
}
