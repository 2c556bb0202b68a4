/** The limits of a deployment as people see them: a pure view, times as ISO 8601. */
import { SHOWN_PERMITS, type LimitsState } from '../../shared/limits/contract.js';
import { isoTime } from '../runtime/clock.js';
import type { OrderEntry } from './orders.js';
import type { PermitLedger, Request } from './permit-ledger.js';

export interface LimitsFacts {
  ledger: PermitLedger;
  /** False: none are set yet, or they were cleared. */
  isSet: boolean;
  audit: readonly OrderEntry[];
}

export function limitsState({ ledger, isSet, audit }: LimitsFacts): LimitsState {
  const requests = [...ledger.requests];
  return {
    limits: isSet ? ledger.limits : null,
    inFlight: ledger.leases.size,
    waitingCount: requests.length,
    vims: vimViews(ledger),
    leases: [...ledger.leases].slice(0, SHOWN_PERMITS).map(moveView),
    waiting: requests
      .slice(0, SHOWN_PERMITS)
      .map((request) => ({ ...moveView(request), reason: ledger.reasonOf(request) })),
    audit: audit.map(({ atMs, ...entry }) => ({ at: isoTime(atMs), ...entry })),
  };
}

function vimViews(ledger: PermitLedger): LimitsState['vims'] {
  const waitingIn = countOf(ledger.requests, ({ targetVimUuid }) => targetVimUuid);
  const waitingOut = countOf(ledger.requests, ({ sourceVimUuid }) => sourceVimUuid);
  const busy = [...ledger.leases].flatMap(({ sourceVimUuid, targetVimUuid }) => [
    sourceVimUuid,
    targetVimUuid,
  ]);
  const vims = new Set([
    ...ledger.limits.vims.map(({ vimUuid }) => vimUuid),
    ...busy.filter((vim) => vim !== null),
    ...waitingIn.keys(),
    ...waitingOut.keys(),
  ]);
  return [...vims].map((vimUuid) => {
    const now = ledger.inFlightAt(vimUuid);
    return {
      vimUuid,
      ...ledger.limitsOf(vimUuid),
      inNow: now.in,
      outNow: now.out,
      waitingIn: waitingIn.get(vimUuid) ?? 0,
      waitingOut: waitingOut.get(vimUuid) ?? 0,
    };
  });
}

function countOf(
  requests: ReadonlySet<Request>,
  vimOf: (request: Request) => string | null,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const request of requests) {
    const vim = vimOf(request);
    if (vim !== null) counts.set(vim, (counts.get(vim) ?? 0) + 1);
  }
  return counts;
}

function moveView({ vnfUuid, sourceVimUuid, targetVimUuid, holder, sinceMs }: Request) {
  const owner = holder.workflowId;
  return { vnfUuid, sourceVimUuid, targetVimUuid, owner, since: isoTime(sinceMs) };
}

/** For Temporal's own UI. */
export function currentDetailsOf({ ledger, isSet, audit }: LimitsFacts): string {
  const { leases, requests, limits } = ledger;
  const last = audit.at(-1);
  const lines = [
    isSet ? `**${String(leases.size)} in flight**, ${String(requests.size)} wait` : '**no limits**',
    limits.total === null ? null : `at most ${String(limits.total)} in all`,
    `${String(limits.vims.length)} VIMs are limited`,
    last === undefined
      ? null
      : `${isoTime(last.atMs)} ${last.actor ?? 'by itself'}: ${last.action}: ${last.reason}`,
  ];
  return lines.filter((line) => line !== null).join('\n\n');
}
