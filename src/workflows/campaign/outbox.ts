/**
 * What a campaign has to tell its receivers, until it was handed to the workflows that deliver it.
 *
 * Invariants: pure; where the campaign names no receiver nothing is kept. Events keep their order, and their numbers from
 * run to run.
 */
import type { CampaignEventData, NotifyEvent } from '../../shared/notify/contract.js';
import type { CampaignFacts } from './facts.js';
import type { Outbox, Outgoing } from './outbox-shape.js';
import { campaignStateOf, type Standing } from './state-name.js';

/** Handed over at a time. */
const MOST_EVENTS = 100;

/** What an event adds to the state and the counts. */
export type Detail = Partial<Omit<CampaignEventData, 'campaign' | 'counts'>>;

export function tell(
  standing: Standing,
  { type, atMs, ...detail }: Detail & { type: NotifyEvent; atMs: number },
): void {
  const { facts, counts } = standing;
  if (receiversOf(facts).length === 0) return;
  const outbox = outboxOf(facts);
  const data = { state: campaignStateOf(standing), counts: countsOf(counts), ...detail };
  outbox.events.push({ sequence: outbox.next, type, atMs, data });
  outbox.next += 1;
}

/** The end of a stage is told once, however often its items are tried again. */
export function tellStageEnd(standing: Standing, atMs: number): void {
  const { facts } = standing;
  const stage = facts.stages[facts.openStage];
  if (stage === undefined || receiversOf(facts).length === 0) return;
  const outbox = outboxOf(facts);
  if (outbox.endedStage >= facts.openStage) return;
  outbox.endedStage = facts.openStage;
  tell(standing, { type: 'wave-ended', atMs, wave: stage.wave });
}

export function receiversOf({ spec }: Pick<CampaignFacts, 'spec'>): readonly string[] {
  return spec.notify ?? [];
}

/** The oldest that are still to be handed over. */
export function nextOutgoing({ outbox }: Pick<CampaignFacts, 'outbox'>): readonly Outgoing[] {
  return outbox?.events.slice(0, MOST_EVENTS) ?? [];
}

export function handedOver({ outbox }: Pick<CampaignFacts, 'outbox'>, events: readonly Outgoing[]): void {
  outbox?.events.splice(0, events.length);
}

export function outboxOf(facts: CampaignFacts): Outbox {
  facts.outbox ??= { next: 1, events: [], endedStage: -1, begun: [] };
  return facts.outbox;
}

/** States without items are left out. */
function countsOf(counts: Standing['counts']): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
