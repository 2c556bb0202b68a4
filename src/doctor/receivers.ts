/** Whom can campaigns tell, by the file of this shell, and who can read that file? */
import type { Config } from '../settings/config.js';
import type { Tell } from './check.js';
import { checkOfSecretFile } from './secret-file.js';

/** Tells nothing where nobody can be told. Sends nothing: a receiver would take it for an event. */
export function checkReceiversFile({ notify: { file, receivers } }: Config, tell: Tell): void {
  if (file === null) return;
  const names = [...receivers].map(([name, { host }]) => `${name} (${host})`).join(', ');
  const text = `${names} (of this shell: workers log theirs when they start)`;
  tell(checkOfSecretFile({ name: 'receivers of notifications', file, text }));
}
