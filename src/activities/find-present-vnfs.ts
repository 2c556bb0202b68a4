/** What has become of VNFs whose ids may be those of yesterday: a move gives a VNF a new one. */
import { Context } from '@temporalio/activity';
import type { RepositoryClient, Vnfr } from '../repository/client.js';
import { snapshotOf } from '../repository/inventory.js';
import { TERMINATED } from '../shared/campaign-plan.js';
import { vnfIdsOfNsr } from '../shared/records.js';
import { askRepository } from './repository-failure.js';

export interface FindPresentVnfsInput {
  vnfs: { serviceInstanceUuid: string; vnfUuid: string }[];
}

export interface FoundVnf {
  vnfUuid: string;
  /** Its service lists it, and it lives. */
  isListed: boolean;
  vimUuids: string[];
  /** Where it is not listed: the living VNFs of its kind that its service lists, at most ten. */
  candidates: { vnfUuid: string; vimUuids: string[] }[];
}

const MOST_CANDIDATES = 10;

/** @throws ApplicationFailure `RepositoryUnavailable` */
export function createFindPresentVnfs({ repository }: { repository: RepositoryClient | null }) {
  return ({ vnfs }: FindPresentVnfsInput): Promise<FoundVnf[]> =>
    askRepository(repository, async (client) => {
      const signal = Context.current().cancellationSignal;
      const nsrs = await client.nsrs(signal);
      const records = new Map((await client.vnfrs(signal)).map((vnfr) => [vnfr.id, vnfr]));
      const listed = new Map(nsrs.map((nsr) => [nsr.id, vnfIdsOfNsr(nsr)]));
      return vnfs.map(({ serviceInstanceUuid, vnfUuid }) =>
        find({ vnfUuid, listed: listed.get(serviceInstanceUuid) ?? [], records }),
      );
    });
}

function find({
  vnfUuid,
  listed,
  records,
}: {
  vnfUuid: string;
  listed: readonly string[];
  records: ReadonlyMap<string, Vnfr>;
}): FoundVnf {
  const own = records.get(vnfUuid);
  if (listed.includes(vnfUuid) && own?.status !== TERMINATED) {
    return {
      vnfUuid,
      isListed: true,
      vimUuids: own === undefined ? [] : snapshotOf(own).vimUuids,
      candidates: [],
    };
  }
  const kind = own?.descriptor_reference ?? null;
  const candidates = listed
    .flatMap((id) => records.get(id) ?? [])
    .filter((vnfr) => vnfr.status !== TERMINATED && kind !== null && vnfr.descriptor_reference === kind)
    .map((vnfr) => ({ vnfUuid: vnfr.id, vimUuids: snapshotOf(vnfr).vimUuids }));
  return { vnfUuid, isListed: false, vimUuids: [], candidates: candidates.slice(0, MOST_CANDIDATES) };
}
