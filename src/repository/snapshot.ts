/**
 * Reads what shared/reconciliation.ts judges: one service, as it is now.
 *
 * Invariants:
 * S1  the facts belong together: what changes while it is read throws a retryable RepositoryUnavailable;
 * S2  a record is missing only if the whole list, too, is without it: a 404 alone may come from a proxy, a
 *     wrong address, or the moment in which the repository replaces a record (it deletes it first);
 * S3  the snapshot is small: ids, status, descriptor and VIMs of few VNFs, whatever the records hold.
 */
import type { ServiceSnapshot, VnfSnapshot } from '../shared/migration/reconciliation.js';
import { needsOfVnfr } from '../shared/vim/demand.js';
import { nameOfRecord, servicesOfVnfr, vnfIdsOfNsr } from '../shared/mano/records.js';
import { type RepositoryClient, RepositoryUnavailable, type Found } from './client.js';
import { orphansOnVim, snapshotOf } from './inventory.js';
import type { Nsr, Vnfr } from './schema.js';

export interface SnapshotRequest {
  serviceInstanceUuid: string;
  vnfUuid: string;
  /** The target, where copies are looked for. */
  vimUuid: string;
  /** From an earlier snapshot: to find copies even if the VNF's own record is gone. */
  descriptorReference?: string | null;
  signal?: AbortSignal;
}

export type SnapshotReading = { kind: 'read'; snapshot: ServiceSnapshot } | { kind: 'no-such-service' };

/** More is no service, and would not fit into a workflow's history. */
const MAX_SIBLINGS = 1000;

export async function readServiceSnapshot(
  client: RepositoryClient,
  request: SnapshotRequest,
): Promise<SnapshotReading> {
  const { serviceInstanceUuid, vnfUuid, signal } = request;
  const nsr = await client.nsr(serviceInstanceUuid, signal);
  if (nsr.kind === 'absent') return await confirmAbsence(client, request);

  const vnfr = await client.vnfr(vnfUuid, signal);
  const vnfrs = await client.vnfrs(signal);
  if (!agree(vnfr, { row: vnfrs.find((row) => row.id === vnfUuid) })) throw changed(`VNF ${vnfUuid}`);

  const listed = vnfIdsOfNsr(nsr.value);
  const others = vnfrs.filter((row) => row.id !== vnfUuid && listed.includes(row.id));
  const copies = await unlistedCopies(client, { request, vnfr, listed, vnfrs });
  const again = await client.nsr(serviceInstanceUuid, signal);
  if (again.kind === 'absent' || !sameMembers(nsr.value, again.value)) {
    throw changed(`service ${serviceInstanceUuid}`);
  }

  const siblings = [...others, ...copies].map(snapshotOf);
  if (siblings.length > MAX_SIBLINGS) {
    throw new RepositoryUnavailable(
      `Service ${serviceInstanceUuid}: more than ${MAX_SIBLINGS} VNFs to judge`,
      {
        retryable: false,
      },
    );
  }
  const vnf = vnfr.kind === 'found' ? describedSnapshotOf(vnfr.value) : null;
  const serviceName = nameOfRecord(nsr.value);
  const snapshot = { listedVnfUuids: listed, ...(serviceName !== null && { serviceName }), vnf, siblings };
  return { kind: 'read', snapshot };
}

/** Of the VNF that is migrated: with its name, and the types of VIM that it needs. */
function describedSnapshotOf(vnfr: Vnfr): VnfSnapshot {
  const name = nameOfRecord(vnfr);
  const { vimTypes } = needsOfVnfr(vnfr);
  return {
    ...snapshotOf(vnfr),
    ...(name !== null && { name }),
    ...(vimTypes.length > 0 && { vimTypes }),
  };
}

async function confirmAbsence(client: RepositoryClient, request: SnapshotRequest): Promise<SnapshotReading> {
  const nsrs = await client.nsrs(request.signal);
  if (nsrs.some((nsr) => nsr.id === request.serviceInstanceUuid)) {
    throw changed(`service ${request.serviceInstanceUuid}`);
  }
  return { kind: 'no-such-service' };
}

/** The record and its row in the list agree. */
function agree(found: Found<Vnfr>, { row }: { row: Vnfr | undefined }): boolean {
  if (found.kind === 'absent' || row === undefined) return found.kind === 'absent' && row === undefined;
  return JSON.stringify(snapshotOf(found.value)) === JSON.stringify(snapshotOf(row));
}

function sameMembers(left: Nsr, right: Nsr): boolean {
  const ids = (nsr: Nsr): string => JSON.stringify(vnfIdsOfNsr(nsr).sort());
  return ids(left) === ids(right);
}

interface CopySearch {
  request: SnapshotRequest;
  vnfr: Found<Vnfr>;
  listed: string[];
  vnfrs: Vnfr[];
}

/**
 * Living VNFs of the same descriptor (or of none that is known) on the target that no service lists. The list
 * of services is read only if there is a candidate: another service's VNF of that descriptor is no copy of ours,
 * nor is one that another service's migration has just deployed and its NSR does not list yet.
 */
async function unlistedCopies(client: RepositoryClient, search: CopySearch): Promise<Vnfr[]> {
  const { request, vnfr, listed, vnfrs } = search;
  const own = vnfr.kind === 'found' ? vnfr.value.descriptor_reference : null;
  const descriptor = own ?? request.descriptorReference ?? null;
  // Without a descriptor copies cannot be recognised; the finding is 'unclear' then in any case.
  if (descriptor === null) return [];
  const ofKind = vnfrs.filter(
    (row) =>
      row.id !== request.vnfUuid &&
      !listed.includes(row.id) &&
      mayBeOfService(row, request.serviceInstanceUuid) &&
      (row.descriptor_reference ?? descriptor) === descriptor,
  );
  const { vimUuid } = request;
  const candidates = new Set(orphansOnVim({ nsrs: [], vnfrs: ofKind, vimUuid }).map((vnf) => vnf.vnfUuid));
  if (candidates.size === 0) return [];
  const nsrs = await client.nsrs(request.signal);
  const orphans = new Set(orphansOnVim({ nsrs, vnfrs: ofKind, vimUuid }).map((vnf) => vnf.vnfUuid));
  return ofKind.filter((row) => orphans.has(row.id));
}

/** Its networks are the service's, or name no service. */
function mayBeOfService(vnfr: Vnfr, serviceInstanceUuid: string): boolean {
  const services = servicesOfVnfr(vnfr);
  return services.length === 0 || services.includes(serviceInstanceUuid);
}

function changed(what: string): RepositoryUnavailable {
  return new RepositoryUnavailable(`Repository: ${what} changed while it was read`, { retryable: true });
}
