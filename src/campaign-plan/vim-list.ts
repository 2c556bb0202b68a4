/** The list of VIMs, as a plan needs it: the same that the campaign's own activity gives to the plan. */
import { headroomOf, type CampaignSpec } from '../shared/campaign/contract.js';
import { wantedVims, type InventoryVnf } from '../shared/campaign/plan.js';
import type { VimListAnswer, VimListing } from '../shared/vim/answer.js';
import { NAMED_AT_MOST, nearestVims } from '../shared/vim/lookup.js';
import type { VimListSource } from '../vims/source.js';

/** Asks for no list where the campaign does not need one. */
export async function readVimList(
  { target, policy }: CampaignSpec,
  query: VimListSource,
): Promise<VimListAnswer> {
  if (policy.verifyTarget === 'off' && headroomOf(target) === null) {
    return { kind: 'unavailable', reason: 'policy.verifyTarget is off' };
  }
  return await query();
}

export function listingOf(
  answer: VimListAnswer,
  { spec, inventory, atMs }: { spec: CampaignSpec; inventory: InventoryVnf[] | null; atMs: number },
): VimListing {
  if (answer.kind === 'unavailable') return answer;
  const { vims } = answer;
  const { required, wanted } = wantedVims(spec, inventory);
  const listed = new Map(vims.map((vim) => [vim.uuid, vim]));
  const missing = required.find((uuid) => !listed.has(uuid));
  return {
    kind: 'listed',
    listedAt: new Date(atMs).toISOString(),
    vims: wanted.flatMap((uuid) => listed.get(uuid) ?? []),
    total: vims.length,
    known: missing === undefined ? [] : nearestVims(vims, { wanted: missing, limit: NAMED_AT_MOST }),
  };
}
