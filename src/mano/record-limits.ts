/**
 * Keeps the records of a READY small enough for a signal.
 *
 * Invariant: the JSON of what is returned takes at most MAX_RECORDS_BYTES, and nothing ever fails for being
 * too large: records give way to summaries, summaries that do not fit are left out.
 */
import type { ManoRecord } from '../shared/mano/reply.js';
import { type NsrSummary, type VnfrSummary, vimsOfVnfr, vnfIdsOfNsr } from '../shared/mano/records.js';
import { bounded } from './safe-text.js';

/** Bytes of UTF-8 JSON, of both records together. A signal of 2 MiB is refused; a history holds many. */
export const MAX_RECORDS_BYTES = 128 * 1024;
/** The VNFRs, one of which is the new VNF, before the NSR, which is stale. */
const MAX_VNFR_SUMMARY_BYTES = (MAX_RECORDS_BYTES * 3) / 4;
const MAX_NSR_SUMMARY_BYTES = MAX_RECORDS_BYTES - MAX_VNFR_SUMMARY_BYTES;
/** For what surrounds the list in either summary: braces, names, the NSR's own fields. */
const FRAME_BYTES = 4096;
const MAX_TEXT = 256;
const MAX_VIMS = 16;

export interface Records {
  nsr: ManoRecord | null;
  vnfrs: ManoRecord[] | null;
}

export interface LimitedRecords extends Records {
  recordsSummarised: boolean;
}

export function limitRecords(records: Records): LimitedRecords {
  if (bytesOf(records) <= MAX_RECORDS_BYTES) return { ...records, recordsSummarised: false };
  return {
    nsr: records.nsr === null ? null : summariseNsr(records.nsr),
    vnfrs: records.vnfrs === null ? null : summariseVnfrs(records.vnfrs),
    recordsSummarised: true,
  };
}

function summariseVnfrs(records: readonly ManoRecord[]): VnfrSummary[] {
  return whatFits(records.map(summariseVnfr), MAX_VNFR_SUMMARY_BYTES - FRAME_BYTES);
}

function summariseVnfr(record: ManoRecord): VnfrSummary {
  const vims = vimsOfVnfr(record).slice(0, MAX_VIMS);
  return {
    ...texts(record, ['id', 'name', 'status', 'descriptor_reference']),
    vim_ids: vims.map((vim) => bounded(vim, MAX_TEXT)),
  };
}

function summariseNsr(record: ManoRecord): NsrSummary {
  const functions = vnfIdsOfNsr(record).map((id) => ({ vnfr_id: bounded(id, MAX_TEXT) }));
  return {
    ...texts(record, ['id', 'status']),
    network_functions: whatFits(functions, MAX_NSR_SUMMARY_BYTES - FRAME_BYTES),
  };
}

/** The fields that are text, bounded; others are left out. */
function texts(record: ManoRecord, keys: readonly string[]): Record<string, string> {
  const found = keys.flatMap((key) => {
    const value = Object.hasOwn(record, key) ? record[key] : undefined;
    return typeof value === 'string' ? [[key, bounded(value, MAX_TEXT)] as const] : [];
  });
  return Object.fromEntries(found);
}

/** In their order, leaving out those for which there is no room any more. */
function whatFits<Item>(items: readonly Item[], limit: number): Item[] {
  let left = limit;
  return items.filter((item) => {
    const bytes = bytesOf(item) + 1;
    if (bytes > left) return false;
    left -= bytes;
    return true;
  });
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
