/**
 * What the MANO's repository has of VNFs that a campaign is about, a page at a time.
 *
 * Invariants: pages go by VNF id, so that records which come and go between two pages shift nothing; a page is at
 * most a megabyte, whatever the records hold.
 */
import { Context } from '@temporalio/activity';
import type { RepositoryClient } from '../repository/client.js';
import { inventoryOf } from '../repository/inventory.js';
import { TERMINATED, type InventoryVnf } from '../shared/campaign/plan.js';
import { withRepository } from './repository-errors.js';

export interface ReadInventoryInput {
  /** What has a unit on one of these VIMs and lives, and what has no record; or … */
  vimUuids?: string[];
  /** … these, as far as they are known. */
  vnfUuids?: string[];
  /** Only what comes after this id; null: from the first. */
  after: string | null;
}

export interface InventoryPage {
  vnfs: InventoryVnf[];
  /** What to ask for next; null: this was the last page. */
  next: string | null;
}

const PAGE_BYTES = 1_000_000;

/** @throws ApplicationFailure `RepositoryUnavailable` */
export function createReadInventory({ repository }: { repository: RepositoryClient | null }) {
  return (input: ReadInventoryInput): Promise<InventoryPage> =>
    withRepository(repository, async (client) => {
      const signal = Context.current().cancellationSignal;
      // The services first: a VNF that moves meanwhile is then an orphan at worst, and not taken for two.
      const nsrs = await client.nsrs(signal);
      const vnfrs = await client.vnfrs(signal);
      const asked = inventoryOf({ nsrs, vnfrs }).filter(filterOf(input));
      return pageOf(asked.sort((left, right) => (left.vnfUuid < right.vnfUuid ? -1 : 1)));
    });
}

function filterOf({ vimUuids = [], vnfUuids, after }: ReadInventoryInput): (vnf: InventoryVnf) => boolean {
  const wanted = new Set(vnfUuids);
  const isWanted =
    vnfUuids === undefined
      ? (vnf: InventoryVnf) =>
          vnf.withoutRecord === true ||
          (vnf.status !== TERMINATED && vnf.vimUuids.some((vim) => vimUuids.includes(vim)))
      : (vnf: InventoryVnf) => wanted.has(vnf.vnfUuid);
  return (vnf) => (after === null || vnf.vnfUuid > after) && isWanted(vnf);
}

/** At least one, so that there is an end. */
function pageOf(vnfs: readonly InventoryVnf[]): InventoryPage {
  const page: InventoryVnf[] = [];
  let bytes = 0;
  for (const vnf of vnfs) {
    bytes += Buffer.byteLength(JSON.stringify(vnf));
    if (page.length > 0 && bytes > PAGE_BYTES) return { vnfs: page, next: page.at(-1)?.vnfUuid ?? null };
    page.push(vnf);
  }
  return { vnfs: page, next: null };
}
