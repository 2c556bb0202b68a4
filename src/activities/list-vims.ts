/**
 * The list of VIMs, as far as a workflow is about it.
 *
 * Invariant: what becomes part of a history is bounded, whatever the adaptor lists.
 */
import type { VimListing } from '../shared/vim/answer.js';
import { NAMED_AT_MOST, nearestVims } from '../shared/vim/lookup.js';
import type { VimDirectory } from '../vims/directory.js';

export interface ListVimsInput {
  /** Uuids in lower case. The list is queried again where it does not have them. */
  required: string[];
  /** Those of them that are listed are returned as well. */
  wanted: string[];
  /** How old the list may be. Default: an hour. */
  maxAgeMs?: number;
}

/** Never throws: where there is no list, the reason is returned. `vims` is null where the worker has no route to a list. */
export function createListVims({ vims: directory }: { vims: VimDirectory | null }) {
  return async ({ required, wanted, maxAgeMs }: ListVimsInput): Promise<VimListing> => {
    if (directory === null)
      return { kind: 'unavailable', reason: 'this worker has no route to the list of VIMs' };
    const reading = await directory.listFor(required, maxAgeMs === undefined ? {} : { maxAgeMs });
    if (reading.kind === 'unavailable') return reading;
    const { vims, listedAtMs } = reading;
    const missing = required.find((uuid) => !vims.has(uuid));
    const known =
      missing === undefined ? [] : nearestVims([...vims.values()], { wanted: missing, limit: NAMED_AT_MOST });
    return {
      kind: 'listed',
      listedAt: new Date(listedAtMs).toISOString(),
      vims: [...new Set([...required, ...wanted])].flatMap((uuid) => vims.get(uuid) ?? []),
      total: vims.size,
      known: known.map(({ uuid, name }) => ({ uuid, name })),
    };
  };
}
