// A PostgreSQL server of our own, in a folder that goes with it.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sleep } from './lab.mjs';

const nobody = 65534;
const versions = '/usr/lib/postgresql';

/** The folder of the newest server that is installed, or nothing. */
export function installed() {
  if (!existsSync(versions)) return undefined;
  const newest = readdirSync(versions).sort((a, b) => a - b).pop();
  const programs = join(versions, newest ?? '', 'bin');
  return existsSync(join(programs, 'initdb')) ? programs : undefined;
}

export class Postgres {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'assay-pg-'));
    this.user = process.getuid() === 0 ? { uid: nobody, gid: nobody } : {};
    if (this.user.uid) chownSync(this.folder, nobody, nobody);
    this.data = join(this.folder, 'data');
    const made = spawnSync(
      join(installed(), 'initdb'),
      ['-D', this.data, '-U', 'assay', '-A', 'trust', '-E', 'UTF8', '--locale=C'],
      { ...this.user, cwd: '/', encoding: 'utf8' });
    if (made.status !== 0) throw new Error(made.stderr);
    this.address = `postgresql:///postgres?user=assay&host=${this.folder}`;
  }

  async start() {
    this.server = spawn(
      join(installed(), 'postgres'),
      ['-D', this.data, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${this.folder}`],
      { ...this.user, cwd: '/', stdio: 'ignore' });
    this.ended = new Promise((done) => this.server.on('close', done));
    const ready = () => spawnSync(join(installed(), 'pg_isready'), ['-h', this.folder], { stdio: 'ignore' }).status === 0;
    for (let i = 0; i < 1000 && !ready(); ++i) await sleep(10);
  }

  /** As `pg_ctl stop --mode fast`: connections are cut. */
  async stop() {
    this.server.kill('SIGINT');
    await this.ended;
  }

  close() {
    this.server?.kill('SIGQUIT');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
