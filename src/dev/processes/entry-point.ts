// Runs a file of this project as a separate process, both from dist/ (JavaScript) and from src/ (through tsx).
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface EntryPoint {
  file: string;
  execArgv: string[];
}

/** `importer` is the caller's `import.meta.url`. `name` is relative to it, without an extension. */
export function entryPoint(name: string, importer: string): EntryPoint {
  const extension = importer.endsWith('.ts') ? '.ts' : '.js';
  const file = fileURLToPath(new URL(`${name}${extension}`, importer));
  if (extension === '.js') return { file, execArgv: [] };
  const loader = createRequire(import.meta.url).resolve('tsx');
  return { file, execArgv: ['--import', pathToFileURL(loader).href] };
}
