// Services that answer badly. Each case: `what`, and `reply`, which gets the socket and the request
// when its head has come; or the base_url to use.
const head = (type, more = '') => `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n${more}`;
const whole = (type, body, more = '') =>
  Buffer.concat([Buffer.from(`${head(type, more)}content-length: ${body.length}\r\n\r\n`), Buffer.from(body)]);
const answer = (type, body) => (socket) => socket.end(whole(type, body));
const status = (line, body, more = '') => (socket) =>
  socket.end(`HTTP/1.1 ${line}\r\ncontent-type: application/json\r\n${more}content-length: ${body.length}\r\n\r\n${body}`);
const open = (bytes) => (socket) => socket.write(bytes);
const error = (text, more = {}) => JSON.stringify({ error: { message: text, ...more } });

const chunk = (delta, finish = null) =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const stream = (...events) => answer('text/event-stream', events.join(''));
const half = chunk({ role: 'assistant', content: 'The ans' });

const json = (value) => answer('application/json', JSON.stringify(value));
const message = (content) => json({ id: 'x', object: 'chat.completion', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] });

export const connections = [
  { what: 'a port where nobody listens', url: 'http://127.0.0.1:1/v1' },
  { what: 'a host that does not exist', url: 'http://no-such-host.invalid/v1' },
  { what: 'a certificate that nobody vouches for', tls: true },
  { what: 'https:// where http:// is spoken', scheme: 'https', reply: answer('text/plain', 'hello') },
  { what: 'http:// where https:// is spoken', tls: true, scheme: 'http' },
  { what: 'the connection closes at once', reply: (socket) => socket.end() },
  { what: 'the connection is reset', reply: (socket) => socket.resetAndDestroy() },
  { what: 'nothing comes', patience: '500ms', reply: () => {} },
  { what: 'something that is not HTTP', reply: (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n') },
  { what: 'a redirection', reply: status('301 Moved Permanently', '', 'location: https://elsewhere.example/v1\r\n') },
  { what: 'a wrong path', reply: (socket) => socket.end('HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: 22\r\n\r\n<h1>404 Not Found</h1>') },
  { what: 'a wrong key', reply: status('401 Unauthorized', error('Incorrect API key provided', { type: 'invalid_request_error', code: 'invalid_api_key' })) },
  { what: 'a key without the right', reply: status('403 Forbidden', error('You may not use this model')) },
  { what: 'an account without money', reply: status('429 Too Many Requests', error('You exceeded your current quota', { type: 'insufficient_quota', code: 'insufficient_quota' })) },
  { what: 'an unknown model', reply: status('404 Not Found', error('The model `m` does not exist', { code: 'model_not_found' })) },
  { what: 'a prompt that is too long', reply: status('400 Bad Request', error("This model's maximum context length is 8192 tokens", { code: 'context_length_exceeded' })) },
  { what: 'a server out of order', reply: (socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 24\r\n\r\n<h1>502 Bad Gateway</h1>') },
];

export const answers = [
  { what: 'a page of HTML', reply: answer('text/html', '<html><h1>Sign in</h1></html>') },
  { what: 'nothing at all', reply: answer('application/json', '') },
  { what: 'an empty stream', reply: stream() },
  { what: 'a stream that stops in the middle', reply: stream(half) },
  { what: 'a stream that is cut in the middle of an event', reply: stream(half, half.slice(0, 20)) },
  { what: 'fewer bytes than announced', reply: (socket) => socket.end(`${head('text/event-stream', 'content-length: 100000\r\n')}\r\n${half}`) },
  { what: 'a stream that falls silent', patience: '500ms', reply: open(`${head('text/event-stream')}\r\n${half}`) },
  { what: 'an error within the stream', reply: stream(half, `data: ${error('The server had an error')}\n\n`) },
  { what: 'an event that is no JSON', reply: stream(half, 'data: {oops\n\n', 'data: [DONE]\n\n') },
  { what: 'JSON cut short', reply: answer('application/json', '{"id": "x", "choices": [{"mess') },
  { what: 'JSON of another kind', reply: json({ status: 'ok' }) },
  { what: 'a list', reply: json([1, 2, 3]) },
  { what: 'no choices', reply: json({ id: 'x', object: 'chat.completion', choices: [] }) },
  { what: 'a number where the text belongs', reply: message(42) },
  { what: 'no text at all', reply: message(null) },
  { what: 'brackets without end', reply: answer('application/json', '['.repeat(100_000)) },
  { what: 'Latin-1 in place of UTF-8', reply: answer('application/json', Buffer.from('{"choices": [{"message": {"content": "caf\xe9"}, "finish_reason": "stop"}]}', 'latin1')) },
  { what: 'bytes without meaning', reply: answer('application/octet-stream', Buffer.from([0, 1, 2, 255, 254, 0, 27])) },
  { what: 'compressed, though nobody asked', reply: (socket) => socket.end(whole('application/json', Buffer.from('1f8b0800000000000003ab56', 'hex'), 'content-encoding: zstd\r\n')) },
  { what: 'an event of 80 MB', reply: (socket) => { socket.write(`${head('text/event-stream')}\r\ndata: `); socket.end('x'.repeat(80_000_000)); } },
  { what: 'a body of 80 MB', reply: (socket) => { socket.write(`${head('application/json')}\r\n[`); socket.end('1,'.repeat(40_000_000)); } },
  { what: 'a header of 2 MB', reply: (socket) => socket.end(`${head('application/json')}x: ${'y'.repeat(2_000_000)}\r\n\r\n{}`) },
];
