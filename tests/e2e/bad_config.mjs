// Bad inputs that are found before anything is sent. Each case: `what`, and the files, arguments and
// environment that differ from the good ones of bad_inputs.mjs.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const provider = '[providers.p]\nbase_url = "http://h"\n';
const model = '[models.m]\nprovider = "p"\n';
const toml = (what, text, env) => ({ what, files: { 'e.toml': text }, args: ['check', 'e.toml'], env });

export const settings = [
  toml('an empty file', ''),
  toml('UTF-16', Buffer.from('\ufeffledger = "x"\n', 'utf16le')),
  toml('bytes that are not UTF-8', Buffer.from('# caf\xe9\n', 'latin1')),
  toml('brackets without end', `a = ${'['.repeat(100_000)}`),
  toml('a text without quotes', '[datasets.d]\npath = data.jsonl\n'),
  toml('a table twice', '[models.m]\nprovider = "p"\n[models.m]\n'),
  toml('a pattern in double quotes', '[judges.j]\ntype = "regex"\npattern = "\\d+"\n'),
  toml('a misspelt table', `${provider}[model.m]\nprovider = "p"\n`),
  toml('a misspelt key', `${provider}max_paralel = 3\n`),
  toml('a name with a dot without quotes', `${provider}[models.gpt-4.1]\nprovider = "p"\n`),
  toml('a text where a number belongs', `${provider}rpm = "many"\n`),
  toml('a number out of range', `${provider}max_parallel = 0\n`),
  toml('a duration without a unit', `${provider}timeouts = { idle = "30" }\n`),
  toml('a provider without an address', '[providers.p]\ndialect = "openai"\n'),
  toml('an address without a scheme', '[providers.p]\nbase_url = "api.example.org/v1"\n'),
  toml('the endpoint in the address', '[providers.p]\nbase_url = "https://h/v1/chat/completions"\n'),
  toml('tags that no node can have', `${provider}node_tags = ["region=eu, large"]\n`),
  toml('a burst above the limit', `${provider}rpm = 60\nburst = 100\n`),
  toml('a window_start that is no number', `${provider}rpm = 60\nlimit_shape = "fixed_window"\nwindow_start = "noon"\n`),
  toml('a window_start without windows', `${provider}rpm = 60\nwindow_start = 5\n`),
  toml('a misspelt limit of a model', `${provider}[providers.p.models.m]\nrmp = 60\n`),
  toml('a limit of a model out of range', `${provider}[providers.p.models.m]\nrpm = 0\n`),
  toml('a number in place of a model\'s limits', `${provider}models = { m = 60 }\n`),
  toml('a model of an unknown provider', `${provider}[models.m]\nprovider = "q"\n`),
  toml('an extra that assay sets itself', `${provider}${model}extra = { stream = false }\n`),
  toml('an unknown judge type', '[judges.j]\ntype = "numerical"\n'),
  toml('an include that is missing', 'include = "nope.toml"\n'),
  toml('an experiment without anything', '[experiments.e]\n'),
];

export const credentials = [
  toml('the key itself in the file', `${provider}api_key = "topsecret"\n`),
  toml("the key in place of the variable's name", `${provider}api_key_env = "sk-proj-0123456789topsecret"\n`),
  toml('the key in the address', '[providers.p]\nbase_url = "https://h/v1?key=topsecret"\n'),
  toml('a missing variable', '[providers.p]\nbase_url = "https://${REGION}.example.org"\n'),
  { what: 'a key variable that is not set', provider: 'api_key_env = "NOT_SET"' },
  { what: 'a key variable that is empty', provider: 'api_key_env = "EMPTY"', env: { EMPTY: '' } },
  { what: 'a key with a line break', provider: 'api_key_env = "KEY"', env: { KEY: 'topsecret\nx: y' } },
  { what: 'a key file that is missing', provider: 'api_key_file = "key"' },
  { what: 'a key file that others can read', provider: 'api_key_file = "key"', files: { key: 'topsecret\n' }, modes: { key: 0o644 } },
  { what: 'an empty key file', provider: 'api_key_file = "key"', files: { key: '\n' }, modes: { key: 0o600 } },
];

const jsonl = (what, text, dataset = '') => ({ what, files: { 'd.jsonl': text }, dataset });
const file = (what, name, text, dataset = '') => ({ what, path: name, files: { [name]: text }, dataset });

export const datasets = [
  { what: 'a file that is missing', path: 'nope.jsonl' },
  { what: 'a folder', path: 'folder.jsonl', folders: ['folder.jsonl'] },
  jsonl('an empty file', ''),
  jsonl('a line that is no JSON', '{"question": "1+1?", "answer": "2"}\n{"question": "2+2?" "answer": "4"}\n'),
  jsonl('a line cut short', '{"question": "1+1?", "answer": "2"}\n{"question": "2+2'),
  jsonl('a JSON array under the name of JSONL', '[\n{"question": "1+1?", "answer": "2"}\n]\n'),
  jsonl('bytes that are not UTF-8', Buffer.from('{"question": "caf\xe9?", "answer": "2"}\n', 'latin1')),
  jsonl('UTF-16', Buffer.from('\ufeff{"question": "1+1?", "answer": "2"}\n', 'utf16le')),
  jsonl('brackets without end', `{"question": "1+1?", "answer": ${'['.repeat(100_000)}\n`),
  jsonl('a field that the rows lack', '{"prompt": "1+1?", "answer": "2"}\n'),
  jsonl('a table where a text belongs', '{"question": {"a": 1}, "answer": "2"}\n'),
  jsonl('an id twice', '{"id": 1, "question": "1+1?", "answer": "2"}\n{"id": 1, "question": "2+2?", "answer": "4"}\n', 'fields = { id = "id", input = "question", target = "answer" }'),
  jsonl('a filter that leaves nothing', '{"question": "1+1?", "answer": "2", "level": "easy"}\n', 'filter = { level = "hard" }'),
  file('a JSON file that is one object', 'd.json', '{"question": "1+1?", "answer": "2"}\n'),
  file('a CSV quote that is not closed', 'd.csv', 'question,answer\n"1+1?,2\n3+3?,6\n'),
  file('a CSV row of another length', 'd.csv', 'question,answer\n1+1?,2,3\n'),
  file('a CSV file of a heading only', 'd.csv', 'question,answer\n'),
];

export const templates = [
  { what: 'a tag that is not closed', prompt: "user = 'Q: {{input'" },
  { what: 'a section that is not closed', prompt: "user = '{{#choices}}{{text}}'" },
  { what: 'a section closed under another name', prompt: "user = '{{#choices}}x{{/choice}}'" },
  { what: 'a field that no row has', prompt: "user = 'Q: {{qestion}}'" },
  { what: 'a partial', prompt: "user = '{{> header}}'" },
  { what: 'a prompt file that is missing', prompt: 'user_file = "nope.txt"' },
  { what: 'a prompt without text', prompt: "user = ''" },
];

export const judges = [
  { what: 'a pattern that is none', judge: "type = 'regex'\npattern = '(a'" },
  { what: 'a regex judge without a pattern', judge: "type = 'regex'" },
  { what: 'a filter with a pattern that is none', judge: "type = 'exact'\nfilters = [{ type = 'regex', pattern = '[' }]" },
  { what: 'a schema file that is missing', judge: "type = 'json-schema'\nschema_file = 'nope.json'" },
  { what: 'a schema that is no JSON', judge: "type = 'json-schema'\nschema_file = 's.json'", files: { 's.json': '{"type": ' } },
  { what: 'a schema of an unknown type', judge: "type = 'json-schema'\nschema_file = 's.json'", files: { 's.json': '{"type": "strnig"}' } },
  { what: 'an option of another judge', judge: "type = 'exact'\ntolerance = 0.1" },
  { what: 'JSON fields without their names', judge: "type = 'json-fields'" },
  { what: 'programs compared by programs', judge: "type = 'program'\ncompare = 'program'" },
  { what: 'an option that the judge of the output lacks', judge: "type = 'program'\ncompare = 'exact'\ntolerance = 0.1" },
];

export const graders = [
  { what: 'no model that grades', judge: "type = 'closed_qa'" },
  { what: 'a model that is not declared', judge: "type = 'closed_qa'\nmodels = ['m', 'n']" },
  { what: 'models for a rule', judge: "type = 'exact'\nmodels = 'm'" },
  { what: 'a rubric without items', judge: "type = 'rubric'\nmodels = 'm'" },
  { what: 'a rubric whose weights are all 0', judge: "type = 'rubric'\nmodels = 'm'\nrubric = [{ text = 'It is short.', weight = 0 }]" },
  { what: 'a vote that is none', judge: "type = 'closed_qa'\nmodels = 'm'\nvote = 'most'" },
  { what: 'a prompt that names what is not there', judge: "type = 'closed_qa'\nmodels = 'm'\nprompt = 'Is {{anwser}} right?'" },
  { what: 'an option of another type', judge: "type = 'closed_qa'\nmodels = 'm'\npartial_credit = true" },
];

const agent = (what, settings, more) => ({ what, experiment: `mode = "agent"\n${settings}`, more });
const tool = (text) => `[tools.t]\ndescription = "x"\n${text}`;

export const agents = [
  agent('no tools', ''),
  agent('an unknown tool', 'agent = { tools = ["calculater"] }'),
  agent('a tool twice', 'agent = { tools = ["calculator", "calculator"] }'),
  agent('files without a folder', 'agent = { tools = ["files"] }'),
  agent('a folder that is missing', 'agent = { tools = ["files"], folder = "nope" }'),
  agent('a schema that is none', 'agent = { tools = ["t"] }', tool(`command = ["true"]\nparameters = { type = "strnig" }`)),
  agent('a script in place of a program', 'agent = { tools = ["t"] }', tool('command = ["./nope.py"]')),
  agent('a command that is nowhere', 'agent = { tools = ["t"] }', tool('command = ["no-such-command"]')),
  agent('no steps at all', 'agent = { tools = ["calculator"], max_steps = 0 }'),
  agent('calls that share a request', 'agent = { tools = ["calculator"] }\nbatching = "balanced"'),
];

const form = '[[field]]\nname = "total"\ntype = "number"\n';
const extraction = (what, row, template, folders) => ({
  what,
  experiment: 'mode = "extraction"',
  files: { 'd.jsonl': `${JSON.stringify({ question: '?', answer: '', ...row })}\n`, ...(template ? { 't.toml': template } : {}) },
  folders,
});
const filled = { template: 't.toml', documents: 'docs' };

export const extractions = [
  extraction('no template', {}),
  extraction('a template that is missing', filled, '', ['docs']),
  extraction('a template without fields', filled, 'description = "x"\n', ['docs']),
  extraction('a field of an unknown type', filled, '[[field]]\nname = "total"\ntype = "nubmer"\n', ['docs']),
  extraction('a pattern that is none', filled, `${form}pattern = "("\n`, ['docs']),
  extraction('documents that are missing', filled, form),
  extraction('a folder without documents', filled, form, ['docs']),
];

const foreign = (what, text, ...args) => ({ what, args: ['run', 'f.yaml', ...args], files: { 'f.yaml': text } });
const rows = (what, text, ...args) => ({ what, args: ['run', 'f.jsonl', ...args], files: { 'f.jsonl': text } });
const config = (provider, rest) => `providers: ${provider}\nprompts: ['{{q}}']\n${rest}`;

export const imports = [
  foreign('YAML that is none', 'prompts: [1\n'),
  foreign('a key twice', 'prompts: hi\nprompts: ho\n'),
  foreign('YAML of something else', 'services:\n  web: {image: nginx}\n'),
  foreign('a provider that is a program', config('exec:run.sh', 'tests: [{vars: {q: x}}]\n')),
  foreign('a provider of embeddings', config('openai:embedding:ada', 'tests: [{vars: {q: x}}]\n')),
  foreign('no prompt that can be used', 'providers: openai:gpt-4o\nprompts: file://prompt.py\ntests: [{vars: {q: x}}]\n'),
  foreign('no tests', config('openai:gpt-4o', 'tests: tests.xlsx\n')),
  foreign('a model of the command line that is unknown', config('openai:gpt-4o', 'tests: [{vars: {q: x}}]\n'), '--model', 'gtp-4o'),
  rows('rows that name no model', '{"input": [{"role": "user", "content": "1+1?"}], "ideal": "2"}\n'),
  rows('a row that is no JSON', '{"input": [{"role": "user"\n', '--model', 'openai:gpt-4o'),
];

const good = (what, ...args) => ({ what, args });

const archived = readFileSync(new URL('../fuzz/seeds/archive.jsonl', import.meta.url), 'utf8');
const restore = (what, bytes) => ({ what, args: ['db', 'restore', 'a.gz', '--ledger', 'l.db'], files: { 'a.gz': bytes } });

export const archives = [
  good('an archive that is missing', 'db', 'restore', 'a.gz', '--ledger', 'l.db'),
  restore('a file that is not compressed', archived),
  restore('a compressed file of something else', gzipSync('{"id": 1}\n')),
  restore('an archive of a newer assay', gzipSync('{"assay_archive": 2}\n')),
  restore('an archive cut short', gzipSync(archived).subarray(0, 2_000)),
  restore('an archive that ends after a line', gzipSync(archived.split('\n').slice(0, 20).join('\n'))),
  restore('a line that is no row', gzipSync(archived.replace('{"samples":[2,', '{"samples":(2,'))),
  restore('an answer that was changed', gzipSync(archived.replace('\\n1087', '\\n721'))),
  good('no run to archive', 'db', 'archive'),
  good('an age that is none', 'db', 'archive', '--older-than', '30'),
  good('an archive without a ledger', 'db', 'archive', 'latest', '--ledger', 'l.db'),
];

export const commands = [
  good('no such command', 'rnu', 'e.toml'),
  good('no such option', 'run', 'e.toml', '--limt', '3'),
  good('no file named', 'run'),
  good('a file that is missing', 'run', 'nope.toml'),
  { what: 'a folder in place of the file', args: ['run', 'folder'], folders: ['folder'] },
  good('a dataset in place of the file', 'run', 'd.jsonl'),
  good('an argument too many', 'check', 'e.toml', 'f.toml'),
  good('a limit that is no number', 'run', 'e.toml', '--limit', 'few'),
  good('a limit of 0', 'run', 'e.toml', '--limit', '0'),
  good('an experiment that is not there', 'run', 'e.toml', '--only', 'f'),
  good('a model that is not there', 'run', 'e.toml', '--only', 'model=n'),
  good('a choice by something unknown', 'run', 'e.toml', '--only', 'judge=exact'),
  { what: 'a file without an experiment', args: ['run', 'e.toml'], files: { 'e.toml': `${provider}${model}` } },
  good('a log level that is none', '--log-level', 'loud', 'runs'),
  good('a log file that cannot be written', '--log-file', '/dev/null/log', 'runs'),
  good('a ledger where there is none', 'show', '--ledger', 'nope.db'),
  { what: 'a ledger that is no database', args: ['run', 'e.toml', '--ledger', 'd.jsonl'], files: { 'd.jsonl': '{"question": "1+1?", "answer": "2"}\n'.repeat(100) } },
  good('a ledger that cannot be written', 'run', 'e.toml', '--ledger', '/dev/null/l.db'),
  good('an export format that is none', 'export', '--format', 'xml'),
  good('a starter file that exists', 'init', 'e.toml'),
  good('a mock that the file lacks', 'mock', 'e.toml'),
  good('a bench of a model that is not there', 'bench', 'e.toml', '--model', 'n'),
  good('a bench over nodes without an address', 'bench', 'e.toml', '--model', 'm', '--from-nodes', 'all'),
  good('a demo of an unknown API', 'demo', '--apis', 'openay'),
  { what: "a demo in another one's folder", args: ['demo', '--output-dir', '.'], files: { 'demo.toml': 'ledger = "x"\n' } },
];
