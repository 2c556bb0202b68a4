/** Which keys does this shell have for payloads, and who can read their file? */
import { statSync } from 'node:fs';
import type { Config } from '../settings/config.js';
import type { Tell } from './check.js';

const READABLE_BY_OTHERS = 0o004;

/** Tells nothing where payloads are not encrypted. A missing or wrong file has ended the command before this. */
export function checkPayloadKeys({ payloads }: Config, tell: Tell): void {
  const { keysFile, keys } = payloads;
  if (keysFile === null) return;
  const reads = [...keys.byId.keys()].join(', ');
  const writes = keys.encrypting === null ? 'nothing is encrypted' : `encrypted with ${keys.encrypting.id}`;
  const text = `${writes}; decrypted with ${reads} (of this shell: workers and listeners log theirs when they start)`;
  const mode = statSync(keysFile, { throwIfNoEntry: false })?.mode ?? 0;
  tell(
    (mode & READABLE_BY_OTHERS) === 0
      ? { name: 'payload keys', state: 'ok', text }
      : {
          name: 'payload keys',
          state: 'warning',
          text: `${text}; every user of this machine can read the file: chmod o-r`,
        },
  );
}
