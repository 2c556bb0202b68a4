// Builds the console's pages. Their Content-Security-Policy allows no inline script or style: every asset is a file.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path('src/console/pages'),
  base: '/',
  publicDir: false,
  build: {
    outDir: path('dist/console/pages'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_500,
    // The licenses of what is bundled ask that the copy carries them.
    license: { fileName: 'licenses.md' },
  },
});
