// How well programs spread over nodes: the same answers, each with a program that keeps a processor
// busy, run by 1, 2 and 4 nodes that run one program each; the coordinator runs none.
//   node bench/programs/scaling.mjs build/release [PROGRAMS] [MILLISECONDS]
// A run is measured from the moment when the last node has joined, and all answers are there, until
// the coordinator has ended. Efficiency is per core available: the time of one node, over the time
// of n nodes times the smaller of n and the number of cores. What cores that are not idle give to
// two programs at a time, `assay run` shows: the same load in one process.
import { availableParallelism } from 'node:os';

import { ProgramLab, canRunPrograms, said } from '../../tests/e2e/program_lab.mjs';

if (!canRunPrograms()) {
  console.log('bubblewrap does not work here');
  process.exit(77);
}

const count = Number(process.argv[3] ?? 80);
const busy = Number(process.argv[4] ?? 250) / 1000;
const cores = availableParallelism();
const lab = new ProgramLab(
  process.argv[2], count,
  `    end = time.process_time() + ${busy}\n    while time.process_time() < end: pass`);

async function measure(nodes) {
  const ledger = `n${nodes}.db`;
  const coordinator = await lab.serve(ledger, 0);
  await said(coordinator, new RegExp(`${count}/${count}`), 60);
  const members = Array.from({ length: nodes }, (_, i) => lab.node(`n${i}`, 1));
  await Promise.all(members.map((node) => said(node, /joined coordinator/)));
  const begun = performance.now();
  const { code, log } = await coordinator.ended;
  const seconds = (performance.now() - begun) / 1000;
  for (const node of members) node.kill('SIGKILL');
  if (code !== 0) throw new Error(log);
  return seconds;
}

let ledgers = 0;
async function measureAlone(workers) {
  const { code, log, ms } = await lab.run(`alone${++ledgers}.db`, workers).ended;
  if (code !== 0) throw new Error(log);
  return ms / 1000;
}

const column = (x, digits, width) => x.toFixed(digits).padStart(width);

try {
  await lab.open('n0', 'n1', 'n2', 'n3');
  console.log(`${count} programs of ${busy} s processor time, ${cores} cores`);
  console.log('nodes   seconds   programs/s   efficiency   one process, s   ratio');
  let alone;
  for (const nodes of [1, 2, 4]) {
    const seconds = await measure(nodes);
    const process = await measureAlone(Math.min(nodes, cores));
    alone ??= seconds;
    console.log(
      column(nodes, 0, 5) + column(seconds, 2, 10) + column(count / seconds, 2, 13) +
        column(alone / (seconds * Math.min(nodes, cores)), 3, 13) + column(process, 2, 17) +
        column(process / seconds, 3, 8));
  }
} finally {
  lab.close();
}
