/**
 * What runs on a VIM: services → VNFs → the VIM of every unit. Pure functions over the two lists.
 *
 * Invariant: nothing is dropped silently. A living VNF with a unit on the VIM is either a service's or an
 * orphan, and a VNF that a service lists without a record is kept apart, because it may be anywhere.
 */
import type { InventoryVnf } from '../shared/campaign/plan.js';
import type { VnfSnapshot } from '../shared/migration/reconciliation.js';
import { nameOfRecord, vimsOfVnfr, vnfIdsOfNsr } from '../shared/mano/records.js';
import { needsOfVnfr } from '../shared/vim/demand.js';
import type { Nsr, Vnfr } from './schema.js';

export interface RepositoryLists {
  nsrs: Nsr[];
  vnfrs: Vnfr[];
}

/** A VNF of a service. */
export interface ServiceVnf extends VnfSnapshot {
  serviceInstanceUuid: string;
}

export interface VimInventory {
  /** A VNF that two services list appears twice. */
  vnfs: ServiceVnf[];
  /** Living VNFs with a unit on the VIM that no service lists. */
  orphans: VnfSnapshot[];
  /** Listed, but the repository has no record of them. */
  withoutRecord: { serviceInstanceUuid: string; vnfUuid: string }[];
}

const TERMINATED = 'terminated';

export function snapshotOf(vnfr: Vnfr): VnfSnapshot {
  return {
    vnfUuid: vnfr.id,
    status: vnfr.status ?? null,
    descriptorReference: vnfr.descriptor_reference ?? null,
    vimUuids: vimsOfVnfr(vnfr),
  };
}

export function inventoryOfVim(lists: RepositoryLists & { vimUuid: string }): VimInventory {
  const { nsrs, vnfrs, vimUuid } = lists;
  const records = new Map(vnfrs.map((vnfr) => [vnfr.id, vnfr]));
  const vnfs: ServiceVnf[] = [];
  const withoutRecord: VimInventory['withoutRecord'] = [];
  for (const nsr of nsrs) {
    for (const vnfUuid of vnfIdsOfNsr(nsr)) {
      const vnfr = records.get(vnfUuid);
      if (vnfr === undefined) withoutRecord.push({ serviceInstanceUuid: nsr.id, vnfUuid });
      else if (runsOn(vnfr, vimUuid)) vnfs.push({ serviceInstanceUuid: nsr.id, ...snapshotOf(vnfr) });
    }
  }
  return { vnfs, orphans: orphansOnVim(lists), withoutRecord };
}

/** Every VNF, with all services that list it, as a campaign is planned from it. */
export function inventoryOf({ nsrs, vnfrs }: RepositoryLists): InventoryVnf[] {
  const services = new Map<string, string[]>();
  const serviceNames = new Map(nsrs.map((nsr) => [nsr.id, nameOfRecord(nsr)]));
  const serviceNameOf = ([first]: readonly string[]): string | null => serviceNames.get(first ?? '') ?? null;
  for (const nsr of nsrs) {
    for (const vnfUuid of vnfIdsOfNsr(nsr)) {
      const known = services.get(vnfUuid);
      if (known === undefined) services.set(vnfUuid, [nsr.id]);
      else known.push(nsr.id);
    }
  }
  const rows = vnfrs.map((vnfr): InventoryVnf => {
    const { vnfUuid, status, vimUuids } = snapshotOf(vnfr);
    const serviceInstanceUuids = services.get(vnfUuid) ?? [];
    services.delete(vnfUuid);
    const serviceName = serviceNameOf(serviceInstanceUuids);
    const details = { name: nameOfRecord(vnfr), serviceName, needs: needsOfVnfr(vnfr) };
    return { vnfUuid, serviceInstanceUuids, vimUuids, status, ...details };
  });
  const withoutRecord = [...services].map(([vnfUuid, serviceInstanceUuids]): InventoryVnf => ({
    vnfUuid,
    serviceInstanceUuids,
    vimUuids: [],
    status: null,
    withoutRecord: true,
    serviceName: serviceNameOf(serviceInstanceUuids),
  }));
  return [...rows, ...withoutRecord];
}

/**
 * Left-overs of failed migrations, as a rule. A service that is just being instantiated has VNF records
 * before it has an NSR, so an orphan is one only if it stays.
 */
export function orphansOnVim({ nsrs, vnfrs, vimUuid }: RepositoryLists & { vimUuid: string }): VnfSnapshot[] {
  const listed = new Set(nsrs.flatMap(vnfIdsOfNsr));
  return vnfrs.filter((vnfr) => runsOn(vnfr, vimUuid) && !listed.has(vnfr.id)).map(snapshotOf);
}

function runsOn(vnfr: Vnfr, vimUuid: string): boolean {
  return vnfr.status !== TERMINATED && vimsOfVnfr(vnfr).includes(vimUuid);
}
