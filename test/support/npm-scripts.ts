/** The scripts of package.json, and the options that each accepts after `--`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './markdown.js';

const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

export const SCRIPTS: readonly string[] = Object.keys(PACKAGE.scripts);

/**
 * Reads the options from the source of the script: the keys that it passes to `parseArgs`, or a word that it
 * compares with.
 */
export function flagsOfScript(name: string): string[] {
  const entry =
    PACKAGE.scripts[name]
      ?.split(' ')
      .at(-1)
      ?.replace(/^dist\/(.*)\.js$/, 'src/$1.ts') ?? '';
  if (!entry.endsWith('.ts') || !existsSync(join(ROOT, entry))) return [];
  const folder = join(ROOT, dirname(entry));
  const sources = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  return sources.flatMap((file) => {
    const source = readFileSync(join(folder, file), 'utf8');
    const options =
      /(?:'([\w-]+)'|\b(\w+)): \{ type: '(?:string|boolean)'|=== '--([\w-]+)'|!== '--([\w-]+)'/g;
    return [...source.matchAll(options)].map((names) => `--${names.slice(1).find(Boolean) ?? ''}`);
  });
}
