// `assay mock` asked by the official clients of OpenAI and Anthropic.
// The program: $ASSAY, else build/release/assay. Packages: npm ci in this folder.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const program = process.env.ASSAY ?? join(here, '../../build/release/assay');

function missing() {
  if (!existsSync(join(here, 'node_modules', 'openai'))) return 'no node_modules: run npm ci in tests/e2e';
  if (!existsSync(program)) return `${program} is not built`;
  return null;
}

/** Starts the mocks of mock.toml; resolves with {process, url(name), lines of the truth log}. */
function startMocks() {
  const folder = mkdtempSync(join(tmpdir(), 'assay-e2e-'));
  const truth = join(folder, 'truth.jsonl');
  const child = spawn(program, ['mock', join(here, 'mock.toml'), '--json', '--truth', truth], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.on('exit', (code) => reject(new Error(`assay mock ended with ${code}`)));
    child.on('error', reject);
    child.stdout.on('data', (bytes) => {
      text += bytes;
      if (!text.includes('\n')) return;
      const urls = new Map(JSON.parse(text).mocks.map((m) => [m.name, m.url]));
      resolve({
        child,
        url: (name) => urls.get(name),
        truth: () => readFileSync(truth, 'utf8').trim().split('\n').map((line) => JSON.parse(line)),
        remove: () => rmSync(folder, { recursive: true }),
      });
    });
  });
}

const france = [{ role: 'user', content: 'What is the capital of France? Answer in one word.' }];

const why = missing();
if (why) {
  test('assay mock and the official clients', { skip: why }, () => {});
  console.log(`skipped: ${why}`);
} else {
  const { default: OpenAI } = await import('openai');
  const { default: Anthropic } = await import('@anthropic-ai/sdk');
  let mocks;

  const openai = (mock, apiKey = 'any') =>
    new OpenAI({ baseURL: `${mocks.url(mock)}/v1`, apiKey, maxRetries: 0 });
  const anthropic = (mock, apiKey = 'any') =>
    new Anthropic({ baseURL: mocks.url(mock), apiKey, authToken: null, maxRetries: 0 });
  const claude = (more = {}) => ({ model: 'small', max_tokens: 100, messages: france, ...more });

  before(async () => {
    mocks = await startMocks();
  });

  after(() => {
    mocks.child.kill('SIGTERM');
    mocks.remove();
  });

  describe('the openai client', () => {
    test('reads a whole chat completion', async () => {
      const answer = await openai('open').chat.completions.create({ model: 'small', messages: france });
      assert.equal(answer.object, 'chat.completion');
      assert.equal(answer.choices[0].finish_reason, 'stop');
      assert.match(answer.choices[0].message.content, /\nParis$/);
      assert.equal(answer.usage.completion_tokens, 24);
      assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + 24);
    });

    test('reads a stream with usage, the same text as the whole answer', async () => {
      const client = openai('open');
      const whole = await client.chat.completions.create({ model: 'small', messages: france });
      const stream = await client.chat.completions.create({
        model: 'small',
        messages: france,
        stream: true,
        stream_options: { include_usage: true },
      });
      let text = '';
      let finish;
      let usage;
      let pieces = 0;
      for await (const chunk of stream) {
        if (chunk.choices.length === 0) usage = chunk.usage;
        const choice = chunk.choices[0];
        if (choice?.delta.content) pieces += 1;
        text += choice?.delta.content ?? '';
        finish = choice?.finish_reason ?? finish;
      }
      assert.equal(text, whole.choices[0].message.content);
      assert.equal(finish, 'stop');
      assert.equal(pieces, 24);
      assert.equal(usage.completion_tokens, 24);
    });

    test('its stream helper accumulates the final completion', async () => {
      const final = await openai('open')
        .beta.chat.completions.stream({ model: 'small', messages: france })
        .finalChatCompletion();
      assert.match(final.choices[0].message.content, /\nParis$/);
    });

    test('lists the models', async () => {
      const ids = [];
      for await (const model of openai('open').models.list()) ids.push(model.id);
      assert.deepEqual(ids, ['small']);
    });

    test('sees the rate headers, and a 429 as RateLimitError with its retry-after', async () => {
      const client = openai('limited');
      const request = { model: 'small', messages: france };
      const { response } = await client.chat.completions.create(request).withResponse();
      assert.equal(response.headers.get('x-ratelimit-limit-requests'), '2');
      assert.equal(response.headers.get('x-ratelimit-remaining-requests'), '1');
      await client.chat.completions.create(request);
      const error = await client.chat.completions.create(request).then(assert.fail, (e) => e);
      assert.ok(error instanceof OpenAI.RateLimitError);
      assert.equal(error.status, 429);
      assert.equal(error.code, 'rate_limit_exceeded');
      const header = (name) => Number(error.headers.get?.(name) ?? error.headers[name]);
      assert.ok(header('retry-after') >= 1 && header('retry-after') <= 60);
      assert.ok(header('retry-after-ms') > 0 && header('retry-after-ms') <= 60_000);
    });

    test('sees a wrong key as AuthenticationError, and the right one works', async () => {
      const ask = (key) =>
        openai('locked', key).chat.completions.create({ model: 'small', messages: france });
      const error = await ask('wrong').then(assert.fail, (e) => e);
      assert.ok(error instanceof OpenAI.AuthenticationError);
      assert.equal(error.code, 'invalid_api_key');
      assert.equal((await ask('made-up')).choices.length, 1);
    });

    test('sees an unknown model as NotFoundError and a bad request as BadRequestError', async () => {
      const create = (body) => openai('open').chat.completions.create(body).then(assert.fail, (e) => e);
      assert.ok((await create({ model: 'gone', messages: france })) instanceof OpenAI.NotFoundError);
      assert.ok((await create({ model: 'small', messages: [] })) instanceof OpenAI.BadRequestError);
    });

    test('throws at an error within a stream', async () => {
      const stream = await openai('failing').chat.completions.create({
        model: 'small',
        messages: france,
        stream: true,
      });
      let text = '';
      const read = async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      };
      await assert.rejects(read(), OpenAI.APIError);
      assert.notEqual(text, '');
    });
  });

  describe('the Anthropic client', () => {
    test('reads a whole message', async () => {
      const message = await anthropic('open').messages.create(claude());
      assert.equal(message.type, 'message');
      assert.equal(message.stop_reason, 'end_turn');
      assert.match(message.content[0].text, /\nParis$/);
      assert.equal(message.usage.output_tokens, 24);
    });

    test('its stream helper accepts the event sequence up to finalMessage', async () => {
      const types = [];
      const stream = anthropic('open').messages.stream(claude());
      stream.on('streamEvent', (event) => types.push(event.type));
      const message = await stream.finalMessage();
      const whole = await anthropic('open').messages.create(claude());
      assert.equal(message.content[0].text, whole.content[0].text);
      assert.equal(message.stop_reason, 'end_turn');
      assert.equal(message.usage.output_tokens, 24);
      assert.deepEqual(types.slice(0, 2), ['message_start', 'content_block_start']);
      assert.deepEqual(types.slice(-3), ['content_block_stop', 'message_delta', 'message_stop']);
      assert.equal(types.filter((t) => t === 'content_block_delta').length, 24);
    });

    test('lists the models', async () => {
      const ids = [];
      for await (const model of anthropic('open').models.list()) ids.push(model.id);
      assert.deepEqual(ids, ['small']);
    });

    test('sees each error as the class it has for it', async () => {
      const fails = (mock, body, key) =>
        anthropic(mock, key).messages.create(body).then(assert.fail, (e) => e);
      const wrongKey = await fails('locked', claude(), 'wrong');
      assert.ok(wrongKey instanceof Anthropic.AuthenticationError);
      assert.equal(wrongKey.error.error.type, 'authentication_error');
      const gone = await fails('open', claude({ model: 'gone' }));
      assert.ok(gone instanceof Anthropic.NotFoundError);
      const empty = await fails('open', claude({ messages: [] }));
      assert.ok(empty instanceof Anthropic.BadRequestError);
      const overloaded = await fails('overloaded', claude());
      assert.equal(overloaded.status, 529);
      assert.equal(overloaded.error.error.type, 'overloaded_error');
    });

    test('sees a 429 as RateLimitError', async () => {
      const client = anthropic('limited');
      const errors = [];
      for (let i = 0; i < 3; ++i) await client.messages.create(claude()).catch((e) => errors.push(e));
      assert.ok(errors.length >= 1);
      assert.ok(errors.at(-1) instanceof Anthropic.RateLimitError);
      assert.equal(errors.at(-1).error.error.type, 'rate_limit_error');
    });

    test('throws at an error event within a stream', async () => {
      await assert.rejects(anthropic('failing').messages.stream(claude()).finalMessage(), (e) =>
        /Overloaded/.test(e.message),
      );
    });
  });

  test('the truth log has a line for every arrival and knows what was right', async () => {
    const before = mocks.truth().length;
    await openai('open').chat.completions.create({ model: 'small', messages: france });
    const lines = mocks.truth();
    assert.equal(lines.length, before + 1);
    const last = lines.at(-1);
    assert.equal(last.sample_id, 'fr');
    assert.equal(last.right, true);
    assert.equal(last.status, 200);
  });
}
