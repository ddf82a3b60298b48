// Files of other tools run unchanged: promptfoo, lm-evaluation-harness, OpenAI evals.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = join(resolve(process.argv[2]), 'assay');
const folder = mkdtempSync(join(tmpdir(), 'assay-imports-'));
cpSync(join(dirname(fileURLToPath(import.meta.url)), 'imports'), folder, { recursive: true });

const env = { ...process.env, OPENAI_API_KEY: 'made-up', OPENAI_BASE_URL: 'http://unused/v1' };
const assay = (...args) => {
  const done = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8' });
  return { code: done.status, out: done.stdout, log: done.stderr };
};

/** A simulated provider that knows the samples of an imported file. */
async function serve(file, ...options) {
  const written = assay('import', file, '-o', 'known.toml', '--force', ...options);
  assert.equal(written.code, 0, written.log);
  writeFileSync(
    join(folder, 'mock.toml'),
    `[mocks.lab]
datasets = ["known"]
[mocks.lab.models.small]
first_token_ms = 1
[mocks.lab.models.grader]
plays = "judge"
[datasets.known]
path = "known.samples.jsonl"
fields = { id = "__id", input = "__input", target = "__target" }
`,
  );
  const mock = spawn(program, ['mock', 'mock.toml', '--json'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const bytes of mock.stdout) {
    text += bytes;
    if (text.includes('\n')) break;
  }
  env.OPENAI_BASE_URL = `${JSON.parse(text).mocks[0].url}/v1`;
  return mock;
}

/** Runs a file as it is; the summary and what was said. */
async function run(file, ...options) {
  const mock = await serve(file, ...options);
  try {
    const done = assay('--json', '-q', 'run', file, ...options);
    assert.equal(done.code, 0, done.log);
    const again = assay('--json', 'run', file, ...options);
    assert.match(again.log, /nothing is missing/);
    return { summary: JSON.parse(done.out), log: done.log };
  } finally {
    mock.kill('SIGKILL');
  }
}

const scores = (summary) => Object.fromEntries(summary.scores.map((s) => [s.judge, s.overall]));

try {
  const promptfoo = await run('promptfooconfig.yaml');
  assert.match(promptfoo.log, /promptfooconfig.yaml:\d+: assertion 'javascript' is not understood/);
  assert.doesNotMatch(promptfoo.log, /llm-rubric/);
  const tasks = 22 * 3; // 20 tests, of which one has two values and one is a file of two; 3 prompts
  assert.equal(promptfoo.summary.tasks.total, tasks);
  const { assertions, 'llm-rubric': rubric } = scores(promptfoo.summary);
  assert.equal(assertions.samples, 21, JSON.stringify(assertions));
  assert.equal(rubric.samples, 1, JSON.stringify(rubric));

  const samples = 'samples_gsm8k_2024-11-05T10-11-12.123456.jsonl';
  const lmEval = await run(samples, '--model', 'openai:chat:small');
  assert.equal(lmEval.summary.tasks.total, 20);
  const judged = scores(lmEval.summary);
  assert.equal(judged['exact_match-flexible-extract'].mean, 1);
  assert.ok('exact_match-strict-match' in judged);

  const evals = await run('capitals.jsonl', '--model', 'openai:chat:small');
  assert.match(evals.log, /capitals.jsonl:4: row left out/);
  assert.equal(scores(evals.summary).includes.mean, 1);
  console.log('promptfoo, lm-evaluation-harness and OpenAI evals: files run unchanged');
} finally {
  rmSync(folder, { recursive: true });
}
