// Fails when what the browser loads before it shows anything is more than 120 kB
// by gzip: the entry, what it imports at once, and their styles.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMIT = 120_000;
const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist');
const html = readFileSync(join(dist, 'index.html'), 'utf8');
const first = ['index.html', ...[...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1])];
const bytes = first.map((name) => gzipSync(readFileSync(join(dist, name)), { level: 9 }).length);
const total = bytes.reduce((sum, size) => sum + size, 0);
console.log(`first load: ${first.map((name, i) => `${name} ${bytes[i]}`).join(', ')}: ${total} bytes by gzip, of ${LIMIT}`);
process.exit(total > LIMIT ? 1 : 0);
