/** What has become of VNFs whose ids may be those of yesterday: a move gives a VNF a new one. */
import { Context } from '@temporalio/activity';
import type { RepositoryClient, Vnfr } from '../repository/client.js';
import { snapshotOf } from '../repository/inventory.js';
import { TERMINATED } from '../shared/campaign/plan.js';
import { vnfIdsOfNsr } from '../shared/mano/records.js';
import { withRepository } from './repository-errors.js';

export interface FindPresentVnfsInput {
  vnfs: { serviceInstanceUuid: string; vnfUuid: string }[];
}

export interface FoundVnf {
  vnfUuid: string;
  /** Its service lists it, and it lives. */
  isListed: boolean;
  vimUuids: string[];
  /**
   * Where it is not listed: what its service lists and it may have become, at most ten. A VNF without a record, or
   * without a kind, may be it, too.
   */
  candidates: { vnfUuid: string; vimUuids: string[] }[];
}

const MOST_CANDIDATES = 10;

/** @throws ApplicationFailure `RepositoryUnavailable` */
export function createFindPresentVnfs({ repository }: { repository: RepositoryClient | null }) {
  return ({ vnfs }: FindPresentVnfsInput): Promise<FoundVnf[]> =>
    withRepository(repository, async (client) => {
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
  const candidates = listed.flatMap((id) => {
    const record = records.get(id);
    if (record === undefined) return [{ vnfUuid: id, vimUuids: [] }];
    const itsKind = record.descriptor_reference ?? null;
    const mayBeIt = kind === null || itsKind === null || itsKind === kind;
    if (record.status === TERMINATED || !mayBeIt) return [];
    return [{ vnfUuid: id, vimUuids: snapshotOf(record).vimUuids }];
  });
  return { vnfUuid, isListed: false, vimUuids: [], candidates: candidates.slice(0, MOST_CANDIDATES) };
}
