// Bundles test/*.test.ts (Node 18 reads no TypeScript) and runs them.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'build/test');
rmSync(out, { recursive: true, force: true });
await build({
  entryPoints: readdirSync(join(root, 'test')).filter((name) => name.endsWith('.test.ts')).map((name) => join(root, 'test', name)),
  bundle: true, platform: 'node', format: 'esm', outdir: out, outExtension: { '.js': '.mjs' },
  jsx: 'automatic', jsxImportSource: 'preact', sourcemap: 'inline',
});
const files = readdirSync(out).map((name) => join(out, name));
process.exit(spawnSync(process.execPath, ['--test', ...files], { stdio: 'inherit', env: { ...process.env, TZ: 'Europe/Berlin' } }).status ?? 1);
