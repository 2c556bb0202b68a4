/** One item of a campaign: what it is, and what is known of it. Only CampaignState changes it. */
import type { ItemState } from '../../shared/campaign/views.js';
import type { PlannedItem } from '../../shared/campaign/plan.js';
import type { VnfNeeds } from '../../shared/vim/demand.js';

/** The length of an item's message, in characters. */
export const MAX_MESSAGE = 300;

export interface Item {
  readonly index: number;
  readonly service: string;
  /** As given, or as found. */
  readonly vnf: string;
  /** Under which id it is to be sent: moves give a VNF a new one. */
  present: string;
  /** Null where it is not known. */
  source: string | null;
  /** Null: none was chosen yet. One that is chosen when the item starts is kept after it. */
  target: string | null;
  /** Whether the caller named the target for this item. */
  readonly hasOwnTarget: boolean;
  priority: number;
  readonly wave: number;
  /** From the records; null where they are not known. */
  vnfName: string | null;
  serviceName: string | null;
  needs: VnfNeeds | null;
  readonly stage: number;
  /** The order of starts: the least first, no two alike. */
  rank: number;
  generation: number;
  state: ItemState;
  /** A migration of it was started, by us or by another caller. */
  hasBegun: boolean;
  /** Another caller's migration has its workflow id. */
  isOwned: boolean;
  /** What the VNF is now must be read before it may start. */
  mustLookUp: boolean;
  /** The last migration under its id found it already somewhere else: the id may be used again. */
  mayReuseId: boolean;
  /** Of the migration that runs; null until Temporal reports it. */
  runId: string | null;
  newVnf: string | null;
  failureType: string | null;
  message: string | null;
  startedAtMs: number | null;
  finishedAtMs: number | null;
  /** When a RUNNING item last reported. */
  heardAtMs: number;
  /** A WAITING item is left alone until then; an owned one is asked about then. 0: now. */
  notBeforeMs: number;
  /** In a row, of the present wait: how often its owner was asked about. */
  asked: number;
  /** Migrations that ended because the service was busy; because the MANO was silent; that others had. */
  busyEnds: number;
  silentEnds: number;
  owners: number;
  /** The scheduler's own: it is in one of its queues. */
  isQueued: boolean;
}

export function newItem(
  planned: PlannedItem,
  place: { index: number; stage: number; rank: number; hasOwnTarget: boolean },
): Item {
  const { serviceInstanceUuid, vnfUuid, sourceVimUuid, targetVimUuid, priority, wave } = planned;
  const { vnfName, serviceName, needs } = planned;
  return {
    ...place,
    service: serviceInstanceUuid,
    vnf: vnfUuid,
    present: vnfUuid,
    source: sourceVimUuid,
    target: targetVimUuid,
    priority,
    wave,
    vnfName,
    serviceName,
    needs,
    generation: 1,
    state: 'PLANNED',
    hasBegun: false,
    isOwned: false,
    mustLookUp: false,
    mayReuseId: false,
    runId: null,
    newVnf: null,
    failureType: null,
    message: null,
    startedAtMs: null,
    finishedAtMs: null,
    heardAtMs: 0,
    notBeforeMs: 0,
    asked: 0,
    busyEnds: 0,
    silentEnds: 0,
    owners: 0,
    isQueued: false,
  };
}

export function hasEnded({ state }: { state: ItemState }): boolean {
  return state !== 'PLANNED' && state !== 'WAITING' && state !== 'RUNNING';
}

/** An item that starts: its target is known. */
export type StartingItem = Item & { target: string };

/** What `retryFailed` starts again. */
export function isRetryable({ state }: { state: ItemState }): boolean {
  return state === 'FAILED' || state === 'UNKNOWN' || state === 'CANCELLED';
}

/** Whether it counts against the budget: a busy service is no failure of the MANO. */
export function isError({ state, failureType }: Item): boolean {
  return state === 'UNKNOWN' || (state === 'FAILED' && failureType !== 'ServiceBusy');
}
