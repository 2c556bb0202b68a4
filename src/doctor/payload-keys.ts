/** Which keys does this shell have for payloads, and who can read their file? */
import type { Config } from '../settings/config.js';
import type { Tell } from './check.js';
import { checkOfSecretFile } from './secret-file.js';

/** Tells nothing where payloads are not encrypted. A missing or wrong file has ended the command before this. */
export function checkPayloadKeys({ payloads }: Config, tell: Tell): void {
  const { keysFile: file, keys } = payloads;
  if (file === null) return;
  const reads = [...keys.byId.keys()].join(', ');
  const writes = keys.encrypting === null ? 'nothing is encrypted' : `encrypted with ${keys.encrypting.id}`;
  const text = `${writes}; decrypted with ${reads} (of this shell: workers and listeners log theirs when they start)`;
  tell(checkOfSecretFile({ name: 'payload keys', file, text }));
}
