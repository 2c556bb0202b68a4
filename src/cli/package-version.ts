import { readFileSync } from 'node:fs';

/** As package.json, two folders up from both src/cli and dist/cli, has it. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
