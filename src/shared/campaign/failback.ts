/**
 * The way back: a campaign that moves what another has moved to where it was.
 *
 * Invariants: pure. What was moved last goes back first. What the campaign may have moved is an item of the way back,
 * or is left out by name with a reason. An old id is never sent: a VNF without a known new id is left out.
 */
import type { CampaignInput } from './contract.js';
import type { CampaignItemView } from './views.js';

/** The settings of the campaign. The way back has targets and an order of its own. */
export type FailbackSettings = Omit<CampaignInput, 'items' | 'evacuate' | 'canary' | 'actor' | 'reason'>;

/** A VNF that cannot be moved back. */
export interface LeftOut {
  /** The last id that is known. */
  vnfUuid: string;
  vnfName: string | null;
  reason: string;
}

/** The way back of a campaign. */
export interface Failback {
  /** Null: there is nothing to move back. */
  input: CampaignInput | null;
  leftOut: LeftOut[];
}

export function failbackOf(items: readonly CampaignItemView[], settings: FailbackSettings): Failback {
  const senders = lastSenders(items);
  const judged = items.map((item) => ({ item, reason: whyLeftOut(item, senders) }));
  const leftOut = judged.flatMap(({ item, reason }) => (reason === null ? [] : [leftOutOf(item, reason)]));
  const back = judged.flatMap(({ item, reason }) => (isMoved(item) && reason === null ? [item] : []));
  if (back.length === 0) return { input: null, leftOut };
  const waves = Math.max(...back.map(({ wave }) => wave));
  const inOrder = back.sort(lastFirst).map((item) => itemBack(item, waves));
  const others = { ...settings };
  delete others.target;
  return { input: { ...others, order: 'input', items: inOrder }, leftOut };
}

type MovedItem = CampaignItemView & { newVnfUuid: string; sourceVimUuid: string };

function isMoved(item: CampaignItemView): item is MovedItem {
  return item.state === 'MIGRATED' && item.newVnfUuid !== null && item.sourceVimUuid !== null;
}

/**
 * The last item that was sent under an id. An evacuation reads its VIMs again, and may find, under its new id, a VNF that
 * it has moved before.
 */
function lastSenders(items: readonly CampaignItemView[]): ReadonlyMap<string, number> {
  const moved = items.filter(({ state }) => state === 'MIGRATED');
  return new Map(
    moved.flatMap(({ vnfUuid, presentVnfUuid, index }) => [
      [vnfUuid, index],
      [presentVnfUuid, index],
    ]),
  );
}

/** Null: it goes back, or the campaign has not moved it. */
function whyLeftOut(item: CampaignItemView, senders: ReadonlyMap<string, number>): string | null {
  const { index, state, sourceVimUuid, newVnfUuid } = item;
  if (state === 'UNKNOWN') return 'nobody knows whether it was moved';
  if (state === 'RUNNING') return 'its migration has not ended';
  if (state !== 'MIGRATED') return null;
  if (newVnfUuid === null) return 'its new id is not known';
  if (sourceVimUuid === null) return 'where it was is not known';
  if ((senders.get(newVnfUuid) ?? index) > index) return 'a later item moved it again';
  return null;
}

function leftOutOf({ vnfUuid, newVnfUuid, vnfName }: CampaignItemView, reason: string): LeftOut {
  return { vnfUuid: newVnfUuid ?? vnfUuid, vnfName: vnfName ?? null, reason };
}

/** Of those that ended at the same time, the later in the list was started later. */
function lastFirst(left: MovedItem, right: MovedItem): number {
  // Times of one form are in the order of their texts.
  const [ended, other] = [left.finishedAt ?? '', right.finishedAt ?? ''];
  if (ended !== other) return ended < other ? 1 : -1;
  return right.index - left.index;
}

/** The last wave was for what depends on the waves before: it goes back first. */
function itemBack(item: MovedItem, waves: number): NonNullable<CampaignInput['items']>[number] {
  const { serviceInstanceUuid, newVnfUuid, sourceVimUuid, wave } = item;
  return { serviceInstanceUuid, vnfUuid: newVnfUuid, vimUuid: sourceVimUuid, wave: waves + 1 - wave };
}
