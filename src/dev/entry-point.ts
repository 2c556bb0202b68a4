// How to run a file of this folder as a process of its own, both from dist/ (JavaScript) and from src/ (through tsx).
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface EntryPoint {
  file: string;
  execArgv: string[];
}

export function entryPoint(name: string): EntryPoint {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const file = fileURLToPath(new URL(`./${name}${extension}`, import.meta.url));
  if (extension === '.js') return { file, execArgv: [] };
  const loader = createRequire(import.meta.url).resolve('tsx');
  return { file, execArgv: ['--import', pathToFileURL(loader).href] };
}
