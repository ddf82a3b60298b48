// `assay demo` in a folder of its own, and the processes that it starts.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { sleep } from './lab.mjs';

export class DemoLab {
  constructor(build) {
    this.program = join(resolve(build), 'assay');
    this.folder = mkdtempSync(join(tmpdir(), 'assay-demo-'));
    this.started = [];
  }

  close() {
    for (const child of this.started) child.kill('SIGKILL');
    for (const id of this.nodes()) process.kill(id, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Starts a demo; `ended` resolves with {code, signal, log, results}. */
  start(name, ...args) {
    const into = join(this.folder, name);
    const child = spawn(this.program, ['demo', '--output-dir', into, ...args], { cwd: this.folder });
    this.started.push(child);
    let log = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (log += bytes));
    child.log = () => log;
    child.ended = new Promise((done) =>
      child.on('close', (code, signal) => {
        let results;
        if (code === 0) results = JSON.parse(readFileSync(join(into, 'results.json'), 'utf8'));
        done({ code, signal, log, results });
      }),
    );
    return child;
  }

  async run(name, ...args) {
    const done = await this.start(name, ...args).ended;
    if (done.code !== 0) throw new Error(`${args.join(' ')}: exit code ${done.code}\n${done.log}`);
    return done.results;
  }

  /** The nodes that run for demos of this lab. */
  nodes() {
    return readdirSync('/proc').filter((id) => {
      try {
        const words = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
        return words[1] === 'node' && words.some((word) => word.startsWith(this.folder));
      } catch {
        return false; // it has ended meanwhile
      }
    });
  }

  async said(child, what) {
    for (let i = 0; i < 3000 && child.exitCode === null && !what.test(child.log()); ++i) await sleep(10);
    if (!what.test(child.log())) throw new Error(`nothing like ${what} in: ${child.log()}`);
  }

  /** Waits until no node is left. */
  async deserted() {
    for (let i = 0; i < 500 && this.nodes().length > 0; ++i) await sleep(10);
    return this.nodes().length === 0;
  }
}

export const networkOf = (id) => readlinkSync(`/proc/${id}/ns/net`);

/** What must not depend on the mode. */
export const brought = ({ rankings, answers }) => ({ rankings, answers });
