// Makes every bad input, gives it to the program, and compares what the person reads with
// docs/bad-inputs.md. `--write` writes the page anew: read it before you commit it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';

import { agents, archives, commands, credentials, datasets, extractions, graders, imports, judges, settings, templates } from './bad_config.mjs';
import { answers, connections } from './bad_service.mjs';

const program = join(resolve(process.argv[2]), 'assay');
const page = join(dirname(fileURLToPath(import.meta.url)), '../../docs/bad-inputs.md');
const atOnce = 4;
const longest = 30_000;

const once = (patience) => `
retry = { max_retries = 0 }
timeouts = { first_byte = "${patience}", idle = "${patience}" }
`;

/** A good experiment, but for what the case changes. */
const experiment = (c, url) => `
ledger = "l.db"

[providers.p]
base_url = "${url}"
${c.provider ?? ''}${once(c.patience ?? '10s')}
[models.m]
provider = "p"
max_tokens = 16

[datasets.d]
path = "${c.path ?? 'd.jsonl'}"
${c.dataset?.includes('fields') ? '' : 'fields = { input = "question", target = "answer" }'}
${c.dataset ?? ''}

[prompts.q]
${c.prompt ?? 'user = "{{input}}"'}

[judges.j]
${c.judge ?? 'type = "exact"'}

[experiments.e]
datasets = "d"
models = "m"
prompts = "q"
judges = "j"
${c.experiment ?? ''}
${c.more ?? ''}
`;

function place(folder, c, url) {
  for (const name of c.folders ?? []) mkdirSync(join(folder, name));
  const files = { 'd.jsonl': '{"question": "1+1?", "answer": "2"}\n', 'e.toml': experiment(c, url), ...c.files };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content);
    if (c.modes?.[name]) chmodSync(join(folder, name), c.modes[name]);
  }
}

/** Resolves with {code, out, log}; a program that hangs or crashes fails the test. */
function run(folder, args, env) {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder, ...env } });
    let out = '';
    let log = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), longest);
    child.stdout.on('data', (bytes) => (out += bytes));
    child.stderr.on('data', (bytes) => (log += bytes));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal) fail(new Error(`${args.join(' ')}: ended by ${signal}\n${out}${log}`));
      else done({ code, out, log });
    });
  });
}

/** A server that reads a request and then does as the case says. */
function serve(c, secret) {
  const onRequest = (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => c.reply?.(socket));
  };
  const server = c.tls ? tls.createServer(secret, onRequest) : net.createServer(onRequest);
  server.on('tlsClientError', () => {});
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

/** What the person reads, free of what differs from machine to machine. */
function plain(text, folder, port) {
  return text
    .replaceAll(`${folder}/`, '')
    .replaceAll(program, 'assay')
    .replaceAll(`127.0.0.1:${port}`, '127.0.0.1:PORT')
    .replace(/\d+ ms/g, 'N ms')
    .trim();
}

async function told(c, folder, secret) {
  place(folder, c, 'http://127.0.0.1:9/v1');
  const { code, out, log } = await run(folder, c.args ?? ['run', 'e.toml', '--quiet'], c.env);
  return { code, text: plain(log || out, folder, 9) };
}

/** The error of the one sample, as `assay show` and every export have it. */
async function toldOfService(c, folder, secret) {
  const server = await serve(c, secret);
  const { port } = server.address();
  try {
    place(folder, c, c.url ?? `${c.scheme ?? (c.tls ? 'https' : 'http')}://127.0.0.1:${port}/v1`);
    const { code, log } = await run(folder, ['run', 'e.toml', '--quiet'], c.env);
    const { out } = await run(folder, ['--ledger', 'l.db', 'export', '--format', 'jsonl', '-o', '-']);
    assert.notEqual(out, '', `${c.what}: ${log}`);
    const row = JSON.parse(out);
    const text = row.error ? `${row.error.class}: ${row.error.message}` : `${row.status}: ${row.answer.text || '(empty)'}`;
    return { code, text: plain(text, folder, port) };
  } finally {
    server.close();
  }
}

async function row(c, ask, secret) {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bad-'));
  try {
    const { code, text } = await ask(c, folder, secret);
    assert.ok(text.length > 0, `${c.what}: no message`);
    assert.ok(!/topsecret/.test(text), `${c.what}: the key is shown: ${text}`);
    assert.ok(!/terminate called|what\(\):|Sanitizer|Segmentation/.test(text), `${c.what}: ${text}`);
    assert.ok(text.length < 2_000, `${c.what}: a message of ${text.length} characters`);
    return { what: c.what, code, text };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** In the order of the cases, some at a time. */
async function rows(cases, ask, secret) {
  const done = [];
  const next = cases.entries();
  const work = async () => {
    for (const [i, c] of next) done[i] = await row(c, ask, secret);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return done;
}

function selfSigned() {
  const folder = mkdtempSync(join(tmpdir(), 'assay-tls-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const cell = (text) =>
  text
    .split('\n')
    .map((line) => (line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``).replaceAll('|', '\\|'))
    .join('<br>');

const table = (title, about, found) => `## ${title}

${about}

| what is wrong | what \`assay\` says | exit |
|---|---|---|
${found.map((r) => `| ${r.what} | ${cell(r.text)} | ${r.code} |`).join('\n')}
`;

const secret = selfSigned();
const sections = [
  ['Experiment files', 'From `assay check e.toml`; `run` and `plan` say the same. All errors of a file come in one go.', settings, told],
  ['Keys and passwords', 'A key is never shown, not even a wrong one.', credentials, told],
  ['Datasets', 'From here on from `assay run`. Nothing has been sent.', datasets, told],
  ['Templates', 'The prompt `q` of the experiment.', templates, told],
  ['Judges', 'The judge `j` of the experiment.', judges, told],
  ['Judges that ask models', 'The same.', graders, told],
  ['Agents', 'The experiment has `mode = "agent"`.', agents, told],
  ['Extraction', 'The experiment has `mode = "extraction"`; `t.toml` is the template that its sample names.', extractions, told],
  ['Files of other tools', 'From `assay run f.yaml` and `assay run f.jsonl`.', imports, told],
  ['Command line', '', commands, told],
  ['Archives', 'From `assay db archive` and `assay db restore`. Nothing of a bad archive is in the ledger afterwards.', archives, told],
  ['Addresses and connections', 'The run goes on and ends with exit code 3: the sample has an error, by its class, and is asked again by the next run. `assay show RUN SAMPLE` prints it; exports have it. Here without retries.', connections, toldOfService],
  ['Answers', 'The same, for a service that takes the request and answers HTTP 200 with something else than an answer.', answers, toldOfService],
];

let text = `# Bad inputs, and what each of them gets

Every row is made and given to the program by \`tests/e2e/run-bad-inputs\`, which fails if a message
differs from this page, a key is shown, or the program crashes or hangs. \`PORT\` and \`N\` stand for
numbers that vary.
`;
let count = 0;
for (const [title, about, cases, ask] of sections) {
  const found = await rows(cases, ask, secret);
  count += found.length;
  text += `\n${table(title, about, found).replace('\n\n\n\n', '\n\n')}`;
}

if (process.argv[3] === '--write') {
  writeFileSync(page, text);
  console.log(`${count} bad inputs written to docs/bad-inputs.md`);
} else {
  const before = readFileSync(page, 'utf8').split('\n');
  const now = text.split('\n');
  for (const line of before.filter((l) => !now.includes(l))) console.log(`the page: ${line}`);
  for (const line of now.filter((l) => !before.includes(l))) console.log(`the program: ${line}`);
  assert.ok(text === before.join('\n'), 'docs/bad-inputs.md is not what the program says');
  console.log(`${count} bad inputs get the message of docs/bad-inputs.md`);
}
