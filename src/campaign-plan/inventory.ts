/** Where the VNFs are, as the MANO's repository has it. */
import { createRepositoryClient } from '../repository/client.js';
import { inventoryOf } from '../repository/inventory.js';
import type { Config } from '../settings/config.js';
import type { InventoryVnf } from '../shared/campaign/plan.js';

/** Null: the settings name no repository. */
export async function readInventory({
  repositoryUrl,
}: Pick<Config, 'repositoryUrl'>): Promise<InventoryVnf[] | null> {
  if (repositoryUrl === null) return null;
  const repository = createRepositoryClient({ baseUrl: repositoryUrl });
  // Read the services first. A VNF that moves between the two reads then appears as an orphan at worst, never as
  // two VNFs.
  const nsrs = await repository.nsrs();
  return inventoryOf({ nsrs, vnfrs: await repository.vnfrs() });
}
