/** Items and progress of a campaign as the console's API tells them. */
import type {
  CampaignItemView,
  CampaignProgress,
  ItemCounts,
} from '../../../../src/shared/campaign/views.js';

export function item(index: number, part: Partial<CampaignItemView> = {}): CampaignItemView {
  return {
    index,
    serviceInstanceUuid: `service-${index}`,
    vnfUuid: `vnf-${index}`,
    presentVnfUuid: `vnf-${index}`,
    newVnfUuid: null,
    sourceVimUuid: 'athens',
    targetVimUuid: 'aveiro',
    priority: 0,
    wave: 1,
    generation: 1,
    state: 'WAITING',
    waitReason: 'total-limit',
    workflowId: null,
    failureType: null,
    message: null,
    startedAt: null,
    finishedAt: null,
    ...part,
  };
}

export const NO_ITEMS: ItemCounts = {
  PLANNED: 0,
  WAITING: 0,
  RUNNING: 0,
  MIGRATED: 0,
  ALREADY_THERE: 0,
  FAILED: 0,
  UNKNOWN: 0,
  SKIPPED: 0,
  CANCELLED: 0,
};

export function progress(part: Partial<CampaignProgress> = {}): CampaignProgress {
  return {
    state: 'RUNNING',
    pause: null,
    trouble: null,
    planned: 10,
    counts: NO_ITEMS,
    waiting: {},
    waitedMs: {},
    byVim: [],
    generation: 1,
    limits: { total: 6, perSourceVim: 2, perTargetVim: 2 },
    budget: {
      maxErrors: '10%',
      maxConsecutive: 4,
      action: 'pause',
      errors: 0,
      allowed: 1,
      consecutive: 0,
    },
    wave: 1,
    waves: 1,
    timing: null,
    perMinute: null,
    etaMs: null,
    inFlight: [],
    lastFailures: [],
    conflicts: [],
    conflictCount: 0,
    residual: [],
    residualCount: 0,
    actor: 'maria',
    reason: 'maintenance',
    startedAt: '2026-11-28T10:00:00Z',
    finishedAt: null,
    ...part,
  };
}
