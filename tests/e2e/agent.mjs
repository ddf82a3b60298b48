// Agents that need three kinds of tools and six steps, over the formats of OpenAI and Anthropic at
// the same time, some of their calls malformed; `kill -9` at a third and at two thirds. Every
// sample ends in what its tools worked out, and no step is paid again but those in flight.
import assert from 'node:assert/strict';

import { Lab } from './lab.mjs';

const samples = 40;
const steps = 6;
const inFlight = 6; // of each provider
const models = ['by-openai', 'by-anthropic'];
const rate = 0.5;

const rows = Array.from({ length: samples }, (_, i) => ({
  id: `s${i}`,
  question: `What do ${i + 2} pieces of item no. ${i} cost in euros?`,
  answer: `${(i + 2) * (i + 10) * rate + 1}`,
  papers: [
    { title: 'Prices', text: rows_text() },
    { title: 'Postage', text: 'Postage is 1 euro, whatever is ordered.' },
  ],
  script: [
    [
      { name: 'search', arguments: { query: `price of item no. ${i}` } },
      { name: 'read_document', arguments: { document: 'Postage' } },
    ],
    { name: 'rate', arguments: { to: 'EUR' } },
    { name: 'calculator', arguments: { expression: `${i + 2} * ${i + 10}` } },
    { name: 'calculator', arguments: { expression: '{{4}} * {{3}}' } },
    { name: 'python', arguments: { code: 'print({{5}} + 1)' } },
    '#### {{6}}',
  ],
}));

function rows_text() {
  return Array.from({ length: samples }, (_, i) => `Item no. ${i} costs ${i + 10} dollars.`).join('\n');
}

const dataset = `
[datasets.orders]
path = "sums.jsonl"
fields = { id = "id", input = "question", target = "answer" }
`;

const mock = (latency) => `
[mocks.lab]
seed = 5
datasets = ["orders"]
${models
  .map(
    (name) => `
[mocks.lab.models.${name}]
plays = "agent"
accuracy = 0.85
first_token_ms = ${latency}
`,
  )
  .join('')}${dataset}`;

const experiment = (url) => `
ledger = "ledger.db"

[providers.openai]
base_url = "${url}/v1"
max_parallel = ${inFlight}

[providers.anthropic]
dialect = "anthropic"
base_url = "${url}/v1"
max_parallel = ${inFlight}

[models.by-openai]
provider = "openai"
max_tokens = 300
prices = { input = 1, output = 2 }

[models.by-anthropic]
provider = "anthropic"
max_tokens = 300
prices = { input = 1, output = 2 }
${dataset}
[tools.rate]
description = "What a dollar is worth."
parameters = '{"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"], "additionalProperties": false}'
command = ["python3", "./rate.py"]

[experiments.orders]
datasets = "orders"
models = ["by-openai", "by-anthropic"]
prompts = "baseline"
judges = "gsm8k-flexible"
mode = "agent"
agent = { tools = ["search", "calculator", "python", "rate"], documents = "papers", max_steps = 40 }
`;

const scene = {
  rows,
  mock,
  experiment,
  files: { 'rate.py': `import json, sys\nassert json.load(sys.stdin) == {"to": "EUR"}\nprint(${rate})\n` },
};

async function killAt(lab, requests) {
  const run = lab.start();
  await lab.seen(run, requests);
  run.kill('SIGKILL');
  const { signal, log } = await run.ended;
  assert.equal(signal, 'SIGKILL', `the run had ended before: ${log}`);
}

/** Every outcome is what the mock's last words came to, which hold the results of all its tools. */
function checkRows(all, truth) {
  assert.equal(all.length, samples * models.length);
  const right = new Map(truth.map((line) => [`${line.model} ${line.sample_id}`, line.right]));
  let good = 0;
  for (const row of all) {
    const name = `${row.model} ${row.sample.id}`;
    assert.equal(row.status, 'answered', name);
    assert.equal(row.verdicts[0].score, right.get(name) ? 1 : 0, `${name}: ${row.answer.text}`);
    good += row.verdicts[0].score;
  }
  return good;
}

/** The conversation of a sample, as it is shown. */
function checkTranscript(lab) {
  const { out } = lab.ask('--ledger', 'ledger.db', 'show', 'latest', 's7');
  assert.equal(out.split('\nsteps\n').length, models.length + 1, out);
  for (const part of ['-> search', '-> read_document', '-> rate', '-> calculator', '-> python'])
    assert.ok(out.split(part).length > models.length, `${part} is not in ${out}`);
  for (const part of ['[result of search]', 'Postage is 1 euro', '[result of python]', '#### 77.5'])
    assert.ok(out.includes(part), `${part} is not in ${out}`);
}

const lab = new Lab(process.argv[2], 30, scene);
try {
  await lab.open();
  const least = samples * models.length * steps;
  await killAt(lab, Math.round(least / 3));
  await killAt(lab, Math.round((least * 2) / 3));
  const { code, log } = await lab.start().ended;
  assert.equal(code, 0, log);

  const truth = lab.truth();
  const again = truth.filter((line) => line.attempt > 1).length;
  assert.ok(again <= 2 * models.length * inFlight, `${again} steps were paid again`);
  assert.ok(truth.length - again >= least, `${truth.length} requests for ${least} steps`);
  const malformed = truth.length - again - least;
  assert.ok(malformed > 0, 'no call was malformed');
  const good = checkRows(lab.rows(), truth);
  assert.ok(good > 0.7 * samples * models.length, `only ${good} are right`);
  checkTranscript(lab);
  console.log(
    `two kills: ${truth.length} requests, ${again} of them again, ${malformed} malformed calls, ` +
      `${good} of ${samples * models.length} right`,
  );
} finally {
  lab.close();
}
