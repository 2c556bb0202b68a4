/**
 * What the repository's records say about one migration: whether it may start, and what became of it.
 *
 * Pure, total, and cautious: it runs in the workflow sandbox, it never throws, and 'moved' or 'untouched' is
 * said only where no fact speaks against it. Everything else is 'unclear', because an 'untouched' that is
 * wrong sends a second request (which leaves copies, or locks the service), and a 'moved' that is wrong
 * reports a move that did not happen.
 *
 * Rules:
 * F1  unknown is not no: a missing status, VIM, descriptor or record never counts as evidence;
 * F2  `before` is the snapshot on which preflight said 'go', for the same VNF and the same target;
 * F3  what is new follows from a comparison with `before`. Without it, every VNF of the descriptor on the target
 *     may be new: 'untouched' is then said only where there is none at all, 'moved' never;
 * F4  the VNFs that a service lost and gained are counted, so that a sibling's migration or a scaling in the
 *     meantime is not taken for ours.
 */

import type { VimType } from '../vim/vim.js';

export interface VnfSnapshot {
  vnfUuid: string;
  /** null: the record names none. */
  status: string | null;
  /** Which VNF descriptor it is an instance of; null: the record names none. */
  descriptorReference: string | null;
  /** The VIM of every unit, each VIM once. */
  vimUuids: string[];
  /** For people. Absent where the record has none. */
  name?: string;
  /** The types of VIM that its units need. Absent where the record has no units, and in histories of version 0.1. */
  vimTypes?: VimType[];
}

/** A service as the repository had it at one time, as far as the migration of one VNF needs it. */
export interface ServiceSnapshot {
  /** The VNFs that the NSR lists. */
  listedVnfUuids: string[];
  /** The name of the service instance, for people. Absent where the record has none. */
  serviceName?: string;
  /** The VNF asked for; null: the repository has no record of it. */
  vnf: VnfSnapshot | null;
  /**
   * The NSR's other VNFs (without a record: left out), and every living VNF of the same descriptor on the
   * target VIM that no NSR lists.
   */
  siblings: VnfSnapshot[];
}

export type Finding =
  /** The service's NSR lists a new VNF on the target; newVnfUuid is null where several may be ours. */
  | { kind: 'moved'; newVnfUuid: string | null }
  | { kind: 'untouched'; sourceVimUuids: string[] }
  /** copies: VNFs that no NSR lists, new on the target, of the same descriptor: maybe left over. */
  | { kind: 'unclear'; reason: string; copies: string[] };

export type Preflight = { kind: 'go' } | { kind: 'already-there' } | { kind: 'refuse'; reason: string };

export interface PreflightFacts {
  vnfUuid: string;
  /** The target. */
  vimUuid: string;
  now: ServiceSnapshot;
}

export interface ReconcileFacts extends PreflightFacts {
  /** Read before the first request was sent; null: there was none. */
  before: ServiceSnapshot | null;
}

const TERMINATED = 'terminated';

/** Whether the VNF may be asked to move: listed by its service, alive, on a source VIM. */
export function preflight({ vnfUuid, vimUuid, now }: PreflightFacts): Preflight {
  const refuse = (reason: string): Preflight => ({ kind: 'refuse', reason });
  const disorder = disorderOf(now, vnfUuid);
  if (disorder !== null) return refuse(disorder);
  if (!now.listedVnfUuids.includes(vnfUuid)) {
    return refuse(`the service's record does not list VNF ${vnfUuid}; a migrated VNF has a new id`);
  }
  const problem = problemOfPlace(now.vnf);
  if (problem !== null) return refuse(problem);
  const vims = now.vnf?.vimUuids ?? [];
  if (!vims.includes(vimUuid)) return { kind: 'go' };
  if (vims.every((vim) => vim === vimUuid)) return { kind: 'already-there' };
  return refuse(`VNF ${vnfUuid} is on the target VIM ${vimUuid} in part, on ${vims.join(', ')} as a whole`);
}

/** What became of a migration that may have been carried out. */
export function reconcile(facts: ReconcileFacts): Finding {
  const { vnfUuid, now, before } = facts;
  const contradiction = disorderOf(now, vnfUuid) ?? contradictionWithBefore(facts);
  if (contradiction !== null) return unclear(facts, contradiction);
  const descriptor = descriptorOf(facts);
  if (descriptor === null) return unclear(facts, `no record has the descriptor of VNF ${vnfUuid}`);
  const unread = gainedVnfs(facts).filter((id) => siblingOf(now, id) === undefined);
  if (unread.length > 0) {
    return unclear(facts, `the service lists VNFs without a record: ${unread.join(', ')}`);
  }
  if (now.listedVnfUuids.includes(vnfUuid)) return judgeListed(facts);
  if (before === null) {
    return unclear(facts, 'the service no longer lists the VNF, and nothing was read before the request');
  }
  return judgeUnlisted({ ...facts, before }, descriptor);
}

/** The service still lists the VNF: untouched, unless anything hints at a half-done migration. */
function judgeListed(facts: ReconcileFacts): Finding {
  const { vnfUuid, vimUuid, now, before } = facts;
  const problem = problemOfPlace(now.vnf);
  if (problem !== null) return unclear(facts, `the service still lists the VNF, but ${problem}`);
  const vims = now.vnf?.vimUuids ?? [];
  if (vims.includes(vimUuid)) {
    return unclear(facts, `the service lists VNF ${vnfUuid} under its old id on the target VIM`);
  }
  if (before !== null && !sameSet(vims, before.vnf?.vimUuids ?? [])) {
    return unclear(facts, `VNF ${vnfUuid} has changed its VIM, but not to the target`);
  }
  const news = newOnTarget(facts).map((vnf) => vnf.vnfUuid);
  if (news.length > 0) {
    return unclear(
      facts,
      `the service still lists the VNF, and of its kind on the target: ${news.join(', ')}`,
    );
  }
  return { kind: 'untouched', sourceVimUuids: vims };
}

/** The service no longer lists the VNF: moved, if each VNF of its kind that it lost has a successor on the target. */
function judgeUnlisted(facts: ReconcileFacts & { before: ServiceSnapshot }, descriptor: string): Finding {
  const { vimUuid, now, before } = facts;
  if (now.vnf !== null && now.vnf.status !== TERMINATED) {
    return unclear(facts, 'the service no longer lists the VNF, but its record is not terminated');
  }
  const successors = gainedVnfs(facts)
    .map((id) => siblingOf(now, id))
    .filter((vnf) => vnf !== undefined)
    .filter((vnf) => mayBeOfKind(vnf, descriptor));
  const lost = before.listedVnfUuids.filter((id) => {
    const sibling = siblingOf(before, id);
    return !now.listedVnfUuids.includes(id) && (sibling === undefined || mayBeOfKind(sibling, descriptor));
  });
  const fits = (vnf: VnfSnapshot): boolean =>
    vnf.descriptorReference === descriptor &&
    problemOfPlace(vnf) === null &&
    vnf.vimUuids.every((vim) => vim === vimUuid) &&
    siblingOf(before, vnf.vnfUuid) === undefined;
  const [first] = successors;
  if (first === undefined || successors.length !== new Set(lost).size || !successors.every(fits)) {
    const listed = successors.map((vnf) => vnf.vnfUuid).join(', ');
    return unclear(facts, `the service no longer lists the VNF; of its kind it has new: ${listed || 'none'}`);
  }
  return { kind: 'moved', newVnfUuid: successors.length === 1 ? first.vnfUuid : null };
}

function unclear(facts: ReconcileFacts, reason: string): Finding {
  const unlisted = newOnTarget(facts).filter((vnf) => !facts.now.listedVnfUuids.includes(vnf.vnfUuid));
  return { kind: 'unclear', reason, copies: [...new Set(unlisted.map((vnf) => vnf.vnfUuid))] };
}

/** A snapshot that contradicts itself. */
function disorderOf(snapshot: ServiceSnapshot, vnfUuid: string): string | null {
  if (snapshot.vnf !== null && snapshot.vnf.vnfUuid !== vnfUuid) {
    return `the record read for VNF ${vnfUuid} is that of ${snapshot.vnf.vnfUuid}`;
  }
  const ids = [vnfUuid, ...snapshot.siblings.map((vnf) => vnf.vnfUuid)];
  const double = ids.find((id, index) => ids.indexOf(id) !== index);
  return double === undefined ? null : `the records name VNF ${double} twice`;
}

function contradictionWithBefore({ vnfUuid, vimUuid, now, before }: ReconcileFacts): string | null {
  if (before === null) return null;
  if (preflight({ vnfUuid, vimUuid, now: before }).kind !== 'go') {
    return 'the VNF was not ready to be migrated in the first place';
  }
  const was = before.vnf?.descriptorReference ?? null;
  const is = now.vnf?.descriptorReference ?? null;
  return was !== null && is !== null && was !== is ? 'the VNF has changed its descriptor' : null;
}

/** Why a VNF cannot be said to live somewhere; null: it lives, on the VIMs that its record names. */
function problemOfPlace(vnf: VnfSnapshot | null): string | null {
  if (vnf === null) return 'the repository has no record of it';
  if (vnf.status === null) return `the record of VNF ${vnf.vnfUuid} names no status`;
  if (vnf.status === TERMINATED) return `the record of VNF ${vnf.vnfUuid} is terminated`;
  return vnf.vimUuids.length === 0 ? `the record of VNF ${vnf.vnfUuid} names no VIM` : null;
}

/** Of our kind, not dead, with a unit on the target that was not there before. */
function newOnTarget(facts: ReconcileFacts): VnfSnapshot[] {
  const { vnfUuid, vimUuid, now, before } = facts;
  const descriptor = descriptorOf(facts);
  return now.siblings.filter((vnf) => {
    const previous = before === null ? undefined : siblingOf(before, vnf.vnfUuid);
    return (
      vnf.vnfUuid !== vnfUuid &&
      vnf.status !== TERMINATED &&
      vnf.vimUuids.includes(vimUuid) &&
      mayBeOfKind(vnf, descriptor) &&
      previous?.vimUuids.includes(vimUuid) !== true
    );
  });
}

/** VNFs that the service lists now and did not list before; without `before`, any but ours. */
function gainedVnfs({ vnfUuid, now, before }: ReconcileFacts): string[] {
  const known = new Set(before?.listedVnfUuids);
  return [...new Set(now.listedVnfUuids)].filter((id) => id !== vnfUuid && !known.has(id));
}

function descriptorOf({ now, before }: ReconcileFacts): string | null {
  return now.vnf?.descriptorReference ?? before?.vnf?.descriptorReference ?? null;
}

function mayBeOfKind(vnf: VnfSnapshot, descriptor: string | null): boolean {
  return vnf.descriptorReference === null || descriptor === null || vnf.descriptorReference === descriptor;
}

function siblingOf(snapshot: ServiceSnapshot, vnfUuid: string): VnfSnapshot | undefined {
  return snapshot.siblings.find((vnf) => vnf.vnfUuid === vnfUuid);
}

function sameSet(left: string[], right: string[]): boolean {
  return left.every((item) => right.includes(item)) && right.every((item) => left.includes(item));
}
