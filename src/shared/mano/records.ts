/**
 * What the MANO's records (NSR, VNFR) mean for a migration, and the summary that stands for a record where it is
 * too large for a signal.
 *
 * Invariants: every function is total, whatever shape the record has; a summary answers the same questions
 * as the record it stands for, through the same functions.
 */
import type { ManoRecord } from './reply.js';

/** Stands for a VNFR. The names are those of the record; `vim_ids` gathers the VIMs of its units. */
export interface VnfrSummary extends ManoRecord {
  id?: string;
  name?: string;
  status?: string;
  descriptor_reference?: string;
  vim_ids: string[];
}

/** Stands for an NSR. */
export interface NsrSummary extends ManoRecord {
  id?: string;
  status?: string;
  network_functions: { vnfr_id: string }[];
}

/** A mapping, as opposed to a scalar or a list. */
export function isRecord(value: unknown): value is ManoRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The VIMs that the VNF's units run on, each once, in the order of the units. */
export function vimsOfVnfr(record: unknown): string[] {
  const instances = itemsOf(record, 'virtual_deployment_units').flatMap((unit) =>
    itemsOf(unit, 'vnfc_instance'),
  );
  const carriers = [...instances, ...itemsOf(record, 'cloudnative_deployment_units')];
  const vims = carriers.map((carrier) => fieldOf(carrier, 'vim_id'));
  return uniqueTexts([...vims, ...itemsOf(record, 'vim_ids')]);
}

/** The ids of the VNFs that the service lists, each once. */
export function vnfIdsOfNsr(record: unknown): string[] {
  return uniqueTexts(itemsOf(record, 'network_functions').map((entry) => fieldOf(entry, 'vnfr_id')));
}

/**
 * The services whose networks the VNF is connected to: the MANO names a link `<service uuid>_<…>`. A record
 * that no service lists yet, or any more, shows its service in this way; empty if it does not.
 */
export function servicesOfVnfr(record: unknown): string[] {
  const ids = itemsOf(record, 'virtual_links').map((link) => fieldOf(link, 'id'));
  return uniqueTexts(ids.map((id) => (typeof id === 'string' ? LINK_OF_SERVICE.exec(id)?.[1] : undefined)));
}

/** What people call it; null where the record has no name that can be shown. */
export function nameOfRecord(record: unknown): string | null {
  const name = fieldOf(record, 'name');
  return typeof name === 'string' && SHOWABLE_NAME.test(name) ? name.trim() : null;
}

/** No control characters, which could steer a terminal. */
const SHOWABLE_NAME = /^(?=.*\S)[^\p{C}\u2028\u2029]{1,100}$/u;

const LINK_OF_SERVICE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_/;

function uniqueTexts(values: readonly unknown[]): string[] {
  return [...new Set(values.filter((value) => typeof value === 'string' && value !== '') as string[])];
}

function itemsOf(value: unknown, key: string): readonly unknown[] {
  const items = fieldOf(value, key);
  return Array.isArray(items) ? items : [];
}

function fieldOf(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
