// A panel of three models grades every answer: one that hardly says anything, one that says too
// much, one that is against it. Killed in the middle; then nothing is paid twice. Afterwards the
// stored answers are judged again, by a rule, by another model and by a command.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const samples = 60;
const inFlight = 12;
const program = join(resolve(process.argv[2]), 'assay');
const folder = mkdtempSync(join(tmpdir(), 'assay-judges-'));
const truthFile = join(folder, 'truth.jsonl');

const write = (name, text) => writeFileSync(join(folder, name), text);
const assay = (...args) => spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
const truth = () =>
  existsSync(truthFile)
    ? readFileSync(truthFile, 'utf8').trim().split('\n').filter(Boolean).map((line) => JSON.parse(line))
    : [];
const answered = (model) => truth().filter((row) => row.status === 200 && (!model || row.model === model)).length;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const dataset = `
[datasets.sums]
path = "sums.jsonl"
fields = { id = "id", input = "question", target = "answer" }
`;
const graders = ['careful', 'lazy', 'verbose', 'hostile'];
const experiment = (url) => `
ledger = "ledger.db"

[providers.lab]
base_url = "${url}/v1"
max_parallel = ${inFlight}

[models.small]
provider = "lab"
prices = { input = 1, output = 2 }
${graders.map((name) => `[models.${name}]\nprovider = "lab"\nprices = { input = 3, output = 15 }`).join('\n')}
${dataset}
[judges.panel]
type = "model_graded_qa"
models = ["lazy", "verbose", "hostile"]

[judges.versus]
type = "pairwise"
models = "careful"

[judges.alone]
type = "model_graded_qa"
models = "careful"

[judges.own]
type = "command"
command = ["python3", "./grade.py"]

[experiments.judged]
datasets = "sums"
models = "small"
prompts = "baseline"
judges = ["gsm8k-flexible", "panel", "versus"]
`;

function summary(...args) {
  const shown = assay(...args, '--json', '--ledger', 'ledger.db');
  assert.equal(shown.status, 0, shown.stderr);
  return JSON.parse(shown.stdout);
}
const judgeOf = (sum, name) => sum.model_judges.find((judge) => judge.judge === name);
const meanOf = (sum, name) => sum.scores.find((score) => score.judge === name).overall;

let mock;
try {
  write('sums.jsonl', Array.from({ length: samples }, (_, i) => JSON.stringify({
    id: `s${i}`,
    question: `A shelf holds ${i + 3} books and gets ${2 * i + 5} more. How many books are there?`,
    answer: `${3 * i + 8}`,
  })).join('\n'));
  write('grade.py', 'import json, sys\nq = json.load(sys.stdin)\n' +
    'print(json.dumps({"score": q["sample"]["targets"][0] in q["answer"], "explanation": q["sample"]["id"]}))\n');
  write('mock.toml', `
[mocks.lab]
seed = 11
datasets = ["sums"]
[mocks.lab.models]
small = { accuracy = 0.7, first_token_ms = 20, output_tokens = 12 }
careful = { plays = "judge", first_token_ms = 20 }
lazy = { plays = "lazy_judge", first_token_ms = 20 }
verbose = { plays = "verbose_judge", first_token_ms = 20, output_tokens = 150 }
hostile = { plays = "hostile_judge", first_token_ms = 20 }
${dataset}`);
  mock = spawn(program, ['mock', 'mock.toml', '--json', '--truth', truthFile], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const bytes of mock.stdout) {
    text += bytes;
    if (text.includes('\n')) break;
  }
  write('run.toml', experiment(text.match(/http:\/\/[^"\/]+/)[0]));

  // kill -9 when a good part of the judges' calls is done
  const first = spawn(program, ['run', 'run.toml', '--quiet'], { cwd: folder, stdio: 'ignore' });
  const ended = new Promise((done) => first.on('exit', (code, signal) => done(signal)));
  while (answered() < 4 * samples && first.exitCode === null) await sleep(10);
  first.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL', 'the run had ended before');
  const before = answered();

  const second = assay('run', 'run.toml', '--quiet');
  assert.equal(second.status, 0, second.stderr);
  const sum = summary('show', 'latest');
  const [panel, versus] = [judgeOf(sum, 'panel'), judgeOf(sum, 'versus')];
  assert.equal(panel.verdicts, samples);
  assert.equal(versus.verdicts, samples);
  // What was answered and not committed when it was killed is all that is asked again.
  const calls = answered();
  const steps = panel.calls + versus.calls + samples;
  assert.ok(calls - steps <= inFlight, `${calls} answers were paid for, ${steps} are booked`);
  const again = assay('run', 'run.toml', '--quiet');
  assert.equal(again.status, 0, again.stderr);
  assert.equal(answered(), calls, 'a finished run asks nobody');

  // Verdicts: lazy leaves some out, hostile is never with the truth, verbose always is.
  const by = Object.fromEntries(panel.models.map((one) => [one.model, one]));
  assert.ok(by.lazy.no_grade > 0 && by.lazy.grades > 0);
  assert.equal(by.verbose.grades, samples);
  assert.ok(by.hostile.grades > 0);
  assert.ok(panel.unscored > 0, 'ties are unscored');
  assert.ok(panel.alpha < 0.5, `the panel cannot agree: ${panel.alpha}`);
  assert.equal(versus.inconsistent, 0);
  assert.ok(sum.judges_cost_usd > 0 && sum.judges_cost_usd < sum.cost_usd);
  const rule = meanOf(sum, 'gsm8k-flexible').mean;
  assert.ok(rule > 0.5 && rule < 0.9);

  // Judging again: a rule, another model, a command. No new answers of the model that is measured.
  const small = answered('small');
  const byRule = summary('judge', 'latest', 'run.toml', '--judge', 'numeric');
  assert.equal(answered(), calls, 'a rule asks nobody');
  assert.equal(meanOf(byRule, 'numeric').mean, rule);
  const byModel = summary('judge', 'latest', 'run.toml', '--judge', 'alone');
  assert.equal(answered('small'), small);
  assert.equal(answered(), calls + samples);
  assert.equal(judgeOf(byModel, 'alone').calls, samples);
  assert.equal(meanOf(byModel, 'alone').mean, rule, 'a judge that never errs agrees with the rule');
  summary('judge', 'latest', 'run.toml', '--judge', 'alone');
  assert.equal(answered(), calls + samples, 'verdicts that stand are not asked for again');
  const unknown = assay('judge', 'latest', 'run.toml', '--judge', 'alne', '--ledger', 'ledger.db');
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /no judge is called 'alne' \(did you mean 'alone'\?\)/);
  const own = assay('judge', 'latest', 'run.toml', '--judge', 'own', '--json', '--ledger', 'ledger.db');
  if (own.status === 0) {
    assert.equal(meanOf(JSON.parse(own.stdout), 'own').mean, rule);
    assert.equal(meanOf(JSON.parse(own.stdout), 'own').coverage, 1);
  } else {
    assert.match(own.stderr, /sandbox/);
    console.log(`skipped: ${own.stderr.trim()}`);
  }
  console.log(`killed after ${before} calls, ${calls} in all, ${calls - steps} paid twice; ` +
    `panel: ${panel.verdicts} verdicts, ${panel.unscored} unscored, alpha ${panel.alpha.toFixed(2)}, USD ${panel.cost_usd.toFixed(4)}`);
} finally {
  mock?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
