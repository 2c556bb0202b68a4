import { statSync } from 'node:fs';
import type { Check } from './check.js';

const READABLE_BY_OTHERS = 0o004;

/** What is in a file of secrets, with a warning where everybody can read it. */
export function checkOfSecretFile({ name, file, text }: { name: string; file: string; text: string }): Check {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & READABLE_BY_OTHERS) === 0) return { name, state: 'ok', text };
  return { name, state: 'warning', text: `${text}; every user of this machine can read the file: chmod o-r` };
}
