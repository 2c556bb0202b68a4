/** Does the MANO's repository answer, and what runs on a VIM that no service knows of? */
import type { Config } from '../config.js';
import { createRepositoryClient } from '../repository/client.js';
import { orphansOnVim } from '../repository/inventory.js';
import type { VnfSnapshot } from '../shared/reconciliation.js';
import { messageOf, type Tell } from './check.js';

export async function checkRepository({ repositoryUrl }: Config, tell: Tell): Promise<void> {
  if (repositoryUrl === null) {
    const text =
      'REPOSITORY_URL is not set: lost replies end as unknown outcomes, and READY is believed as it comes';
    tell({ name: 'repository', state: 'warning', text });
    return;
  }
  try {
    const services = await createRepositoryClient({ baseUrl: repositoryUrl }).nsrs();
    tell({ name: 'repository', state: 'ok', text: `${String(services.length)} services` });
  } catch (error) {
    tell({ name: 'repository', state: 'failed', text: `REPOSITORY_URL: ${messageOf(error)}` });
  }
}

/** VNFs, not terminated, with a unit on the VIM, that no NSR lists. */
export async function findOrphans({ repositoryUrl }: Config, vimUuid: string): Promise<VnfSnapshot[]> {
  if (repositoryUrl === null)
    throw new Error("REPOSITORY_URL is not set: orphans are found in the MANO's repository");
  const client = createRepositoryClient({ baseUrl: repositoryUrl });
  // VNFs first: one that is listed between the two reads is then no orphan.
  const vnfrs = await client.vnfrs();
  const nsrs = await client.nsrs();
  return orphansOnVim({ nsrs, vnfrs, vimUuid });
}
