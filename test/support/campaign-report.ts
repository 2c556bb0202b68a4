/** Reports of fictitious campaigns of any size, the same at every run. */
import {
  ITEM_STATES,
  type CampaignItemView,
  type ItemCounts,
  type ItemState,
} from '../../src/shared/campaign/views.js';
import type { CampaignReport } from '../../src/campaign-report/report-data.js';

/** Text as an untrusted author may write it. */
export const HOSTILE = `<script>alert(1)</script>"'&\u202e<img src=x onerror=alert(1)>`;

export interface SampleOptions {
  items: number;
  /** The number of running items. */
  atOnce?: number;
  targets?: number;
  running?: boolean;
}

const STARTED_AT = Date.parse('2026-03-01T22:10:07.512Z');

export function uuid(kind: number, number: number): string {
  const scrambled = Math.imul(number + 1, 2_654_435_761) >>> 0;
  return `${scrambled.toString(16).padStart(8, '0')}-000${kind}-4000-8000-${String(number).padStart(12, '0')}`;
}

export function sampleReport(options: SampleOptions): CampaignReport {
  const { items: count, atOnce = 6, targets = 3, running = false } = options;
  const chance = randomFrom(count);
  const freeAt = Array.from({ length: atOnce }, () => STARTED_AT + 400);
  const items = Array.from({ length: count }, (_, index): CampaignItemView => {
    const slot = freeAt.indexOf(Math.min(...freeAt));
    const startedAt = (freeAt[slot] ?? STARTED_AT) + Math.round(chance() * 900);
    const tookMs = Math.round(35_000 + 90_000 * chance() ** 3 + (chance() > 0.99 ? 900_000 : 0));
    freeAt[slot] = startedAt + tookMs;
    const state = stateOf({ index, count, running, luck: chance() });
    const item = itemOf({ index, state, targets });
    if (state === 'SKIPPED' || state === 'WAITING') return item;
    const finishedAt = state === 'RUNNING' ? null : iso(startedAt + tookMs);
    return { ...item, startedAt: iso(startedAt), finishedAt };
  });
  const endedAt = Math.max(...freeAt);
  return {
    version: 1,
    workflowId: `vnf-campaign/evacuation-of-rack-${count}`,
    state: running ? 'RUNNING' : 'COMPLETED_WITH_ERRORS',
    note: null,
    madeAt: iso(running ? endedAt - 20_000 : endedAt + 3_000),
    startedAt: iso(STARTED_AT),
    finishedAt: running ? null : iso(endedAt + 900),
    actor: 'ops',
    reason: `power work in the morning ${HOSTILE}`,
    counts: countsOf(items),
    limits: { total: atOnce, perSourceVim: atOnce, perTargetVim: 2 },
    budget: { maxErrors: '10%', maxConsecutive: 4, action: 'pause' },
    waiting: running ? { 'target-limit': 7, 'service-busy': 2 } : {},
    waitedMs: { 'target-limit': 5_400_000, 'service-busy': 600_000 },
    items,
    conflictCount: 1,
    residualCount: 1,
    conflicts: [
      {
        kind: 'several-vims',
        serviceInstanceUuid: uuid(2, 900),
        vnfUuid: uuid(1, 900),
        vimUuids: [uuid(3, 0), uuid(3, 1)],
        message: `its units are on two VIMs ${HOSTILE}`,
      },
    ],
    residual: [
      {
        kind: 'orphan',
        serviceInstanceUuid: null,
        vnfUuid: uuid(1, 901),
        vimUuids: [uuid(3, 0)],
        message: 'no service lists it',
      },
    ],
    audit: [
      { at: iso(STARTED_AT + 61_000), actor: 'ops', action: 'pause', reason: 'a call from the night shift' },
      { at: iso(STARTED_AT + 95_000), actor: HOSTILE, action: 'resume', reason: HOSTILE },
      { at: iso(STARTED_AT + 99_000), actor: null, action: 'pause', reason: 'the budget is spent' },
    ],
  };
}

function itemOf({
  index,
  state,
  targets,
}: {
  index: number;
  state: ItemState;
  targets: number;
}): CampaignItemView {
  const failed = state === 'FAILED' || state === 'UNKNOWN';
  return {
    index,
    serviceInstanceUuid: uuid(2, Math.floor(index / 2)),
    vnfUuid: uuid(1, index),
    presentVnfUuid: uuid(1, index),
    newVnfUuid: state === 'MIGRATED' ? uuid(4, index) : null,
    sourceVimUuid: uuid(3, 0),
    targetVimUuid: uuid(3, 1 + (index % targets)),
    priority: 0,
    wave: 1,
    generation: 1,
    state,
    waitReason: state === 'WAITING' ? 'target-limit' : null,
    workflowId: `vnf-migration/${uuid(1, index)}`,
    failureType:
      state === 'FAILED' ? 'MigrationFailed' : state === 'UNKNOWN' ? 'MigrationOutcomeUnknown' : null,
    message: failed ? `the MANO reported: ${HOSTILE}` : state === 'SKIPPED' ? 'the tenant moves it' : null,
    startedAt: null,
    finishedAt: null,
  };
}

interface DeliveryOutcome {
  index: number;
  count: number;
  running: boolean;
  luck: number;
}

function stateOf({ index, count, running, luck }: DeliveryOutcome): ItemState {
  if (running && index >= count - 4) return 'WAITING';
  if (running && index >= count - 8) return 'RUNNING';
  if (luck > 0.97) return 'UNKNOWN';
  if (luck > 0.92) return 'FAILED';
  if (luck > 0.9) return 'SKIPPED';
  return luck > 0.85 ? 'ALREADY_THERE' : 'MIGRATED';
}

export function countsOf(items: readonly CampaignItemView[]): ItemCounts {
  const none = Object.fromEntries(ITEM_STATES.map((state) => [state, 0])) as ItemCounts;
  for (const { state } of items) none[state] += 1;
  return none;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** The generator mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
