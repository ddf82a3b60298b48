// The same request at the same moment from two nodes over TLS, of which one has a longer way: each
// node has its own idea of where the API is (an /etc/hosts in a mount namespace), and what the
// second one finds there is a proxy that holds all bytes for a while. Then: a node that is killed,
// an interrupt, nodes that do not come, and this process alone.
import assert from 'node:assert/strict';
import net from 'node:net';

import { Lab, samples, sleep, sums } from './lab.mjs';

const latency = 200;
const detour = 40; // ms, in each direction

/** Holds every byte for `detour` ms; on 127.0.0.2, at the port of the mock. */
function longWay(port) {
  const pass = (from, to) => {
    from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), detour));
    from.on('end', () => setTimeout(() => to.end(), detour));
    from.on('error', () => to.destroy());
  };
  const server = net.createServer({ noDelay: true }, (client) => {
    const api = net.connect({ port, host: '127.0.0.1', noDelay: true });
    pass(client, api);
    pass(api, client);
  });
  return new Promise((done) => server.listen(port, '127.0.0.2', () => done(server)));
}

const experiment = (url) => sums.experiment(url.replace('127.0.0.1', 'api.test'));

class Scene {
  running = [];

  constructor(lab) {
    this.lab = lab;
    for (const args of [['init', 'certs'], ...['coordinator', 'n1', 'n2'].map((n) => ['issue', 'certs', n])])
      assert.equal(lab.ask('certs', ...args).code, 0);
    lab.write('hosts-n1', '127.0.0.1 api.test\n');
    lab.write('hosts-n2', '127.0.0.2 api.test\n');
  }

  async bench(...more) {
    const child = this.lab.start(
      'bench', 'sums.toml', '--model', 'small', '--dataset', 'sums', '--listen', '127.0.0.1:0',
      '--certificates', 'certs', '--json', '-o', 'found.json', ...more);
    this.running.push(child);
    const port = /nodes join at port (\d+)/;
    for (let i = 0; i < 1000 && !port.test(child.log()); ++i) await sleep(10);
    this.port = child.log().match(port)[1];
    return child;
  }

  node(name) {
    const program = `mount --bind hosts-${name} /etc/hosts && exec "$0" "$@"`;
    const child = this.lab.run(
      'unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', program, this.lab.program, 'node',
      '--coordinator', `127.0.0.1:${this.port}`, '--certificates', 'certs', '--worker-id', name);
    this.running.push(child);
    return child;
  }

  found() {
    return JSON.parse(this.lab.read('found.json'));
  }

  close() {
    for (const child of this.running) child.kill('SIGKILL');
  }
}

/** Both nodes ask the same at the same moment, and the long way of the second one is found. */
async function apart(scene, lab) {
  const bench = await scene.bench('--from-nodes', 'n1,n2', '--rounds', '15', '--interval', '0.3');
  const nodes = [scene.node('n1'), scene.node('n2')];
  const { code, log } = await bench.ended;
  assert.equal(code, 0, log);
  const found = scene.found();
  assert.equal(found.requests.length, 30);
  assert.equal(found.first_token.nearest, 'n1');
  const [near, far] = found.first_token.places;
  assert.ok(Math.abs(far.further_ms - 2 * detour) < detour / 2, `n2 is ${far.further_ms} ms further`);
  const [low, high] = far.interval_ms;
  assert.ok(low > detour && high < 3 * detour, `${low} to ${high}`);
  // the kernel sees the way to the proxy only
  assert.ok(Math.abs(far.by_network_ms) < 10, `network ${far.by_network_ms}`);
  assert.ok(near.typical_ms >= latency && near.typical_ms < latency + detour, `n1 takes ${near.typical_ms}`);
  const asked = lab.truth().map((line) => line.sample_id);
  for (let round = 0; round < 15; ++round) assert.equal(asked[2 * round], asked[2 * round + 1], `round ${round}`);
  assert.equal(new Set(asked).size, 15);
  for (const node of nodes) node.kill('SIGTERM');
  for (const node of nodes) assert.equal((await node.ended).code, 0, node.log());
  return far.further_ms;
}

/** A node that is killed is an error of its round, and the rounds after it go on without it. */
async function lost(scene, lab) {
  const bench = await scene.bench('--from-nodes', 'all', '--wait-for', '2', '--rounds', '20', '--interval', '0.3');
  scene.node('n1');
  const victim = scene.node('n2');
  await lab.seen(bench, lab.truth().length + 9); // in the middle of the fifth round
  victim.kill('SIGKILL');
  const { code, log } = await bench.ended;
  assert.equal(code, 3, log);
  const found = scene.found();
  const of = (place) => found.requests.filter((r) => r.place === place);
  assert.equal(of('n1').length, 20);
  assert.ok(of('n2').length < 20);
  const errors = found.requests.filter((r) => r.error);
  assert.ok(errors.length === 1 && errors.every((r) => r.place === 'n2' && r.error.class === 'node_lost'));
  assert.ok(found.notes.some((note) => /n2 was asked in \d+ of 20 rounds/.test(note)), found.notes.join('; '));
}

async function interrupted(scene, lab) {
  const bench = await scene.bench('--from-nodes', 'n1', '--rounds', '1000', '--interval', '0.3');
  scene.node('n1');
  await lab.seen(bench, lab.truth().length + 4);
  bench.kill('SIGINT');
  const { code, log } = await bench.ended;
  assert.equal(code, 130, log);
  const found = scene.found();
  assert.equal(found.failed, 0);
  assert.equal(found.stopped_by, 'interrupted');
  assert.equal(found.requests.length, found.rounds.begun);
}

async function nobody(scene) {
  const bench = await scene.bench('--from-nodes', 'n1,n2', '--wait-seconds', '0.5');
  const { code, log } = await bench.ended;
  assert.equal(code, 3, log);
  assert.match(log, /not taking part: n1 has not joined\nnot taking part: n2 has not joined\nno place to ask from/);
}

function alone(lab, url) {
  lab.write('here.toml', sums.experiment(url));
  const ask = (...more) => lab.ask('bench', 'here.toml', '--model', 'small', ...more);
  const args = ['--rounds', '7', '--interval', '0', '--new-connections'];
  const { code, out, log } = ask('--json', ...args);
  assert.equal(code, 0, log);
  const found = JSON.parse(out);
  assert.deepEqual(found.places.map((p) => [p.place, p.answers]), [['local', 7]]);
  assert.ok(found.requests.every((r) => r.new_connection && r.connecting_ms.tcp > 0 && r.round_trip_ms > 0));
  assert.match(ask(...args).out, /one place alone/);
  const costly = ask('--json', '--max-usd', '0.0002', ...args);
  assert.equal(costly.code, 0);
  const cheap = JSON.parse(costly.out);
  assert.ok(cheap.rounds.begun < 7 && cheap.rounds.begun > 0 && cheap.cost_usd <= 0.0002, costly.out);
  assert.match(cheap.stopped_by, /budget reached/);
}

function refused(lab) {
  const says = (what, ...args) => {
    const { code, log } = lab.ask('bench', ...args);
    assert.equal(code, 2, log);
    assert.match(log, what);
  };
  says(/--model: nothing is called 'smal' \(did you mean 'small'\?\)/, 'sums.toml', '--model', 'smal');
  says(/--provider: nothing is called 'lap' \(did you mean 'lab'\?\)/, 'sums.toml', '--model', 'small', '--provider', 'lap');
  says(/--dataset: nothing is called 'sum' \(did you mean 'sums'\?\)/, 'sums.toml', '--model', 'small', '--dataset', 'sum');
  says(/nodes need an address and certificates/, 'sums.toml', '--model', 'small', '--from-nodes', 'all');
  says(/--rounds/, 'sums.toml', '--model', 'small', '--rounds', '0');
  says(/--prompt excludes --dataset|--dataset excludes --prompt/, 'sums.toml', '--model', 'small', '--prompt', 'x', '--dataset', 'sums');
}

let url;
const lab = new Lab(process.argv[2], latency, { ...sums, experiment: (at) => experiment((url = at)) });
let scene, proxy;
try {
  await lab.open();
  proxy = await longWay(Number(new URL(url).port));
  scene = new Scene(lab);
  const further = await apart(scene, lab);
  await lost(scene, lab);
  await interrupted(scene, lab);
  await nobody(scene);
  alone(lab, url);
  refused(lab);
  console.log(`bench: a way longer by ${2 * detour} ms is found as ${further.toFixed(1)} ms; ${samples} samples at hand`);
} finally {
  scene?.close();
  proxy?.close();
  lab.close();
}
