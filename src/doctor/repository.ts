/** Does the MANO's repository answer, and what runs on a VIM that no service knows of? */
import type { Config } from '../settings/config.js';
import { createRepositoryClient } from '../repository/client.js';
import { inventoryOfVim } from '../repository/inventory.js';
import type { VnfSnapshot } from '../shared/migration/reconciliation.js';
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

export interface VimFindings {
  /** VNFs, not terminated, with a unit on the VIM, that no NSR lists. */
  orphans: VnfSnapshot[];
  /** How many VNFs of services run there. */
  listed: number;
}

export async function findOrphans({ repositoryUrl }: Config, vimUuid: string): Promise<VimFindings> {
  if (repositoryUrl === null)
    throw new Error("REPOSITORY_URL is not set: orphans are found in the MANO's repository");
  const client = createRepositoryClient({ baseUrl: repositoryUrl });
  // VNFs first: one that is listed between the two reads is then no orphan.
  const vnfrs = await client.vnfrs();
  const nsrs = await client.nsrs();
  const { orphans, vnfs } = inventoryOfVim({ nsrs, vnfrs, vimUuid });
  return { orphans, listed: vnfs.length };
}
