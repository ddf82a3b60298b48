// What must hold of a run that is complete, however often it was stopped on the way.
import assert from 'node:assert/strict';

import { samples } from './lab.mjs';

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const near = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

/** Every sample has one outcome and one verdict, and the verdict is what the mock meant. */
function checkRows(rows, truth) {
  assert.equal(rows.length, samples);
  assert.equal(new Set(rows.map((row) => row.key)).size, samples, 'a key came twice');
  assert.equal(new Set(rows.map((row) => row.sample.id)).size, samples, 'a sample came twice');
  const right = new Map(truth.map((line) => [line.sample_id, line.right]));
  for (const row of rows) {
    assert.equal(row.status, 'answered', row.sample.id);
    assert.equal(row.verdicts.length, 1, row.sample.id);
    assert.equal(row.verdicts[0].score, right.get(row.sample.id) ? 1 : 0, row.sample.id);
  }
}

/** The summary says what counting the rows says. */
function checkSummary(summary, rows) {
  assert.equal(summary.run.state, 'finished');
  assert.equal(summary.tasks.total, rows.length);
  assert.equal(summary.tasks.answered, rows.length);
  assert.equal(summary.tasks.missing, 0);
  assert.equal(summary.tasks.errors, 0);
  const attempts = rows.flatMap((row) => row.attempts);
  assert.equal(summary.input_tokens, sum(attempts.map((tried) => tried.usage.input ?? 0)));
  assert.equal(summary.output_tokens, sum(attempts.map((tried) => tried.usage.output ?? 0)));
  assert.ok(near(summary.cost_usd, sum(rows.map((row) => row.cost_usd))));
  const score = summary.scores[0].overall;
  assert.equal(score.scored, rows.length);
  assert.ok(near(score.mean, sum(rows.map((row) => row.verdicts[0].score)) / rows.length));
}

/** `extra`: how many requests more than samples the mock may have seen. */
export async function checkComplete(lab, extra) {
  const truth = lab.truth();
  assert.ok(truth.length >= samples);
  assert.ok(truth.length <= samples + extra, `${truth.length - samples} extra requests, allowed: ${extra}`);
  const rows = lab.rows();
  checkRows(rows, truth);
  checkSummary(lab.summary(), rows);

  const again = await lab.start().ended;
  assert.equal(again.code, 0, again.log);
  assert.match(again.log, /nothing is missing/);
  assert.equal(lab.truth().length, truth.length, 'a complete run sent a request');
}
