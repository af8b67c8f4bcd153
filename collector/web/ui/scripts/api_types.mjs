// Writes src/api/types.ts: what proto/ is in its JSON mapping, as TypeScript.
// The protos are the only source; a field that the UI names and they do not
// have fails the build.
import { readFileSync, writeFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const protos = join(here, '../../../../proto/callbraid/v1');

// https://protobuf.dev/programming-guides/json/
const SCALARS = {
  double: 'number', float: 'number', int32: 'number', uint32: 'number', sint32: 'number',
  fixed32: 'number', sfixed32: 'number', bool: 'boolean', string: 'string',
  // 64 bits do not fit into a JSON number; bytes are base64.
  int64: 'string', uint64: 'string', sint64: 'string', fixed64: 'string', sfixed64: 'string',
  bytes: 'string',
  // RFC 3339; seconds with an "s" behind them.
  'google.protobuf.Timestamp': 'string', 'google.protobuf.Duration': 'string',
};

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

// Messages within messages are known by their own name: proto/ has no two of one.
function typeOf(name) {
  return SCALARS[name] ?? name.split('.').pop();
}

function field(text) {
  const map = /^map<\s*(\w+)\s*,\s*([\w.]+)\s*>\s+(\w+)\s*=/.exec(text);
  if (map) return `  ${camel(map[3])}?: Record<string, ${typeOf(map[2])}>;`;
  const plain = /^(repeated\s+|optional\s+)?([\w.]+)\s+(\w+)\s*=\s*\d+/.exec(text);
  if (!plain) throw new Error(`not a field: ${text}`);
  const many = plain[1]?.startsWith('repeated');
  return `  ${camel(plain[3])}?: ${typeOf(plain[2])}${many ? '[]' : ''};`;
}

// Blocks that are open, innermost last: {kind, name, lines}.
function translate(source) {
  const out = [];
  const open = [];
  const methods = [];
  const statements = source.replace(/\/\/[^\n]*/g, '').match(/[^;{}]*[;{}]/g) ?? [];
  for (const raw of statements) {
    const text = raw.trim().replace(/\s+/g, ' ');
    const inner = open.at(-1);
    const opened = /^(message|enum|service|oneof) (\w+) \{$/.exec(text);
    if (opened) {
      // A oneof is told by which of its fields is there.
      const lines = opened[1] === 'oneof' ? inner.lines : [];
      open.push({ kind: opened[1], name: opened[2], lines });
    } else if (text === '}') {
      const { kind, name, lines } = open.pop();
      if (kind === 'message') out.push(`export interface ${name} {\n${lines.join('\n')}\n}`.replace('{\n\n}', '{}'));
      if (kind === 'enum') out.push(`export type ${name} =\n${lines.join('\n')};`);
    } else if (inner?.kind === 'enum') {
      inner.lines.push(`  | '${text.split(' ')[0]}'`);
    } else if (inner?.kind === 'service') {
      const rpc = /^rpc (\w+)\((stream )?(\w+)\) returns \((stream )?(\w+)\);$/.exec(text);
      if (!rpc) throw new Error(`not a method: ${text}`);
      const kind = rpc[2] ? null : rpc[4] ? 'Streams' : 'Methods';
      if (kind) methods.push({ kind, line: `  '${inner.name}/${rpc[1]}': { request: ${rpc[3]}; response: ${rpc[5]} };` });
    } else if (inner && text !== ';' && !text.startsWith('reserved ')) {
      inner.lines.push(field(text));
    }
  }
  return { out, methods };
}

const parts = readdirSync(protos).filter((name) => name.endsWith('.proto')).sort()
  .map((name) => translate(readFileSync(join(protos, name), 'utf8')));
const of = (kind) => parts.flatMap((part) => part.methods).filter((method) => method.kind === kind).map((method) => method.line);
writeFileSync(join(here, '../src/api/types.ts'), `// Made by scripts/api_types.mjs from proto/callbraid/v1. A field that has its
// default value is absent.

${parts.flatMap((part) => part.out).join('\n\n')}

export interface Methods {
${of('Methods').join('\n')}
}

export interface Streams {
${of('Streams').join('\n')}
}
`);
