import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';

// wavesurfer writes its style sheet as text into its shadow root, which a strict
// Content-Security-Policy forbids. It is taken out here and put back by
// src/call/waveform.ts as a constructed sheet, which the policy allows.
function styleOutOfWavesurfer(): Plugin {
  return {
    name: 'style-out-of-wavesurfer',
    enforce: 'pre',
    transform(code, id) {
      if (!/wavesurfer\.js\/dist\/wavesurfer\.esm\.js/.test(id)) return null;
      const stripped = code.replace(/<style\$\{[\s\S]*?<\/style>/, '');
      if (stripped === code || stripped.includes('<style')) {
        this.error('wavesurfer.js has its style sheet in another way: adapt this and src/call/waveform.ts');
      }
      return { code: stripped, map: null };
    },
  };
}

// dist/licenses.txt: the terms of what is bundled, and only of that.
function licenses(): Plugin {
  return {
    name: 'licenses',
    generateBundle(_options, bundle) {
      const packages = new Set<string>();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        for (const id of Object.keys(chunk.modules)) {
          const found = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id);
          if (found) packages.add(found[0].replace(/^\0/, ''));
        }
      }
      const texts = [...packages].sort().map((folder) => {
        const about = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
        const text = readFileSync(`${folder}/LICENSE`, 'utf8').trim();
        return `${about.name} ${about.version} (${about.license})\n\n${text}\n`;
      });
      if (texts.length === 0) this.error('no package found in the bundle');
      this.emitFile({ type: 'asset', fileName: 'licenses.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
    },
  };
}

export default defineConfig({
  plugins: [styleOutOfWavesurfer(), licenses()],
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: { target: 'es2021', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { proxy: Object.fromEntries(['/callbraid.v1', '/events', '/session'].map((path) => [path, 'http://127.0.0.1:8080'])) },
});
