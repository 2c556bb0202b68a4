/** Whether the Gatekeeper answers, and posts changes to us. Silent where none is configured. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../settings/config.js';
import { createGatekeeperClient } from '../gatekeeper/client.js';
import type { Tell } from './check.js';

export async function checkGatekeeper({ gatekeeper }: Config, tell: Tell): Promise<void> {
  if (gatekeeper === null) return;
  const name = 'Gatekeeper';
  // A request that does not exist: it changes nothing, and only a Gatekeeper says so.
  const asked = await createGatekeeperClient({ baseUrl: gatekeeper.url }).get(randomUUID());
  if (asked.kind === 'unreadable') {
    tell({ name, state: 'failed', text: `GATEKEEPER_URL: ${asked.reason}` });
    return;
  }
  tell({ name, state: 'ok', text: 'it answers' });
  if (gatekeeper.callback !== null) return;
  const text =
    'GATEKEEPER_CALLBACK_URL is not set: the Gatekeeper is polled, and results arrive up to 15 seconds late';
  tell({ name: 'callbacks of the Gatekeeper', state: 'warning', text });
}
