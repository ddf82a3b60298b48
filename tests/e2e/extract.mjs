// `assay extract` and the mode `extraction` against a mock that fills forms: few calls, every value
// with its source, nothing paid twice, and what is left when the API does not answer.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const program = join(resolve(process.argv[2]), 'assay');
const folder = mkdtempSync(join(tmpdir(), 'assay-extract-'));
const truthFile = join(folder, 'truth.jsonl');
const closedPort = 'http://127.0.0.1:9';

const names = ['Northern', 'Southern', 'Eastern', 'Western', 'Central', 'Coastal', 'Alpine', 'Island', 'River', 'Desert'];
const facts = names.flatMap((name, i) => [
  { label: `${name} site`, value: `${name} Works`, type: 'string' },
  { label: `${name} staff`, value: 120 + 7 * i, type: 'integer', pattern: `${name} staff: (\\d+)` },
  { label: `${name} opening`, value: `20${10 + i}-03-0${i % 9 + 1}`, type: 'date' },
]);
const nameOf = ({ label }) => label.toLowerCase().replace(' ', '_');

function write(name, text) {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function template(count) {
  const fields = facts.slice(0, count).map(
    (f) => `[[field]]\nname = "${nameOf(f)}"\ntype = "${f.type}"\n${f.pattern ? `pattern = '${f.pattern}'\n` : ''}`,
  );
  write(`sites-${count}.toml`, fields.join('\n'));
  return `sites-${count}.toml`;
}

const config = (url) => `
ledger = "ledger.db"
[providers.lab]
base_url = "${url}/v1"
max_parallel = 8
retry = { max_retries = 0, max_outage = "100ms" }
[models.reader]
provider = "lab"
prices = { input = 1, output = 2 }
`;

const mock = `
[mocks.lab]
seed = 8
[mocks.lab.models.reader]
plays = "extractor"
accuracy = 0.95
first_token_ms = 5
[mocks.lab.models.vectors]
`;

let server;
async function openMock(name, text) {
  server?.kill('SIGKILL');
  write(name, text);
  server = spawn(program, ['mock', name, '--json', '--truth', truthFile], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  for await (const bytes of server.stdout) {
    out += bytes;
    if (out.includes('\n')) break;
  }
  return JSON.parse(out).mocks[0].url;
}

const requests = () =>
  existsSync(truthFile) ? readFileSync(truthFile, 'utf8').split('\n').filter(Boolean).length : 0;

function ask(...args) {
  const done = spawnSync(program, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
  const result = done.stdout.startsWith('{') ? JSON.parse(done.stdout) : null;
  return { code: done.status, out: done.stdout, log: done.stderr, result };
}

const extract = (...args) => ask('extract', ...args, '--docs', 'docs', '--config', 'e.toml', '--quiet', '--json');

function checkValues(result, wanted) {
  for (const fact of wanted) {
    const field = result.fields[nameOf(fact)];
    assert.equal(field?.value, fact.value, `${nameOf(fact)}: ${JSON.stringify(result.missing)}`);
    assert.ok(result.passages[field.source.passage].text.includes(fact.label), nameOf(fact));
    assert.equal(field.verbatim, true, nameOf(fact));
  }
}

async function fillsTemplatesInFewCalls() {
  write('e.toml', config(await openMock('mock.toml', mock)));
  for (const [count, most] of [[10, 2], [20, 3], [30, 4]]) {
    const before = requests();
    const { code, log, result } = extract(template(count));
    assert.equal(code, 0, log);
    checkValues(result, facts.slice(0, count));
    assert.ok(result.calls <= most, `${count} fields took ${result.calls} calls`);
    assert.equal(requests() - before, result.calls);
    assert.ok(result.cost_usd > 0);
    const again = Object.values(result.fields).filter((field) => field.asks > 1).length;
    console.log(`${count} fields: ${result.calls} calls, ${again} fields asked for again`);
    assert.ok(count < 30 || again > 0, 'the mock has flaws');
  }
}

function paysNothingTwice() {
  const before = requests();
  const { code, log, result } = extract(template(30), '--output', 'out/filled.json');
  assert.equal(code, 0, log);
  assert.equal(requests(), before);
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'out/filled.json'), 'utf8')), result);
}

/** Fields with a pattern are filled without the API; once it is back, the same command gets the rest. */
async function outlivesAnOutage() {
  const down = (url) => write('e.toml', config(url).replace('ledger.db', 'outage.db'));
  down(closedPort);
  const { code, log, result } = extract(template(30));
  assert.equal(code, 3, log);
  const withPattern = facts.filter((fact) => fact.pattern);
  checkValues(result, withPattern);
  assert.equal(Object.keys(result.fields).length, withPattern.length);
  for (const field of Object.values(result.fields)) assert.equal(field.how, 'fallback');
  assert.equal(result.missing.length, facts.length - withPattern.length);
  for (const { reason } of result.missing) assert.match(reason, /^the call failed: /);

  down(await openMock('failing.toml', mock + '[mocks.lab.faults]\nhttp_500 = 1\n'));
  const failing = extract(template(30));
  assert.equal(failing.code, 3, failing.log);
  assert.equal(failing.result.fields.northern_staff.how, 'fallback');

  const alive = await openMock('mock.toml', mock);
  down(alive);
  const later = extract(template(30));
  assert.equal(later.code, 0, later.log);
  checkValues(later.result, facts);
  for (const field of Object.values(later.result.fields)) assert.equal(field.how, 'model');
  console.log(`outage: ${withPattern.length} of ${facts.length} fields by their pattern, the rest when it was over`);
  write('e.toml', config(alive));
}

function usesVectors() {
  const text = readFileSync(join(folder, 'e.toml'), 'utf8') + '[models.vectors]\nprovider = "lab"\n[extraction]\nembedding_model = "vectors"\n';
  write('v.toml', text);
  const run = () => ask('extract', template(30), '--docs', 'docs', '--config', 'v.toml', '--quiet', '--json');
  const { code, log, result } = run();
  assert.equal(code, 0, log);
  assert.equal(result.ranking, 'words and vectors');
  assert.ok(result.embedding_calls > 0);
  const before = requests();
  assert.equal(run().code, 0);
  assert.equal(requests(), before);
  console.log(`vectors: ${result.embedding_calls} calls for them, none in the second run`);
}

function isAMode() {
  const truth = { fields: Object.fromEntries(facts.slice(0, 10).map((f) => [nameOf(f), { value: f.value }])) };
  write('rows.jsonl', JSON.stringify({ id: 'a', q: 'Sites', template: template(10), documents: 'docs', answer: JSON.stringify(truth) }));
  const judged = facts.slice(0, 10).map((f) => `"fields.${nameOf(f)}.value"`);
  write(
    'mode.toml',
    `${readFileSync(join(folder, 'e.toml'), 'utf8')}
[datasets.rows]
path = "rows.jsonl"
fields = { input = "q", target = "answer" }
[judges.values]
type = "json-fields"
json_fields = [${judged}]
[experiments.sites]
mode = "extraction"
datasets = "rows"
models = "reader"
prompts = "baseline"
judges = "values"
thresholds = { values = 1 }
`,
  );
  const { code, log, out } = ask('run', 'mode.toml', '--quiet');
  assert.equal(code, 0, log + out);
}

function saysWhatIsWrong() {
  const wrong = (args, code, pattern) => {
    const done = ask('extract', ...args, '--quiet');
    assert.equal(done.code, code, `${args}: ${done.log}`);
    assert.match(done.log, pattern);
  };
  const rest = ['--docs', 'docs', '--config', 'e.toml'];
  write('bad.toml', '[[field]]\nname = "a"\npattern = "a("\n[[field]]\nname = "b"\npattern = ")"\n');
  wrong(['bad.toml', ...rest], 2, /^bad\.toml:3:11: the pattern 'a\(' does not compile.*\nbad\.toml:6:11: /);
  write('worse.toml', '[[field]]\nnme = "a"\n');
  wrong(['worse.toml', ...rest], 2, /worse\.toml:2:1: unknown key "nme" in field \(did you mean "name"\?\)/);
  wrong(['none.toml', ...rest], 2, /^none\.toml: cannot read/);
  wrong([template(10), '--docs', 'nowhere', '--config', 'e.toml'], 2, /nowhere: there is no such folder or file/);
  wrong([template(10), ...rest, '--model', 'redaer'], 2, /unknown model "redaer" \(known: reader\)/);
  write('required.toml', '[[field]]\nname = "owner"\nrequired = true\n');
  const required = ask('extract', 'required.toml', ...rest, '--quiet');
  assert.equal(required.code, 4, required.log);
  assert.match(required.out, /owner: it is required, and was said to be in no passage/);
}

try {
  facts.forEach((fact, i) =>
    write(`docs/${i % 3 ? 'notes' : 'letters'}/${i}.txt`, `Report ${i}\n\n${fact.label}: ${fact.value}\n\nNothing else is said.\n`),
  );
  await fillsTemplatesInFewCalls();
  paysNothingTwice();
  await outlivesAnOutage();
  usesVectors();
  isAMode();
  saysWhatIsWrong();
  console.log('passed');
} finally {
  server?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}
