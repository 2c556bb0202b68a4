/** Texts about campaigns that several commands share. All functions are pure. */
import type { CampaignProgress, ItemCounts, ItemState, PauseCause } from '../../shared/campaign/views.js';
import { shortDuration } from '../../shared/duration.js';

export function stateText(state: string): string {
  return state.toLowerCase().replaceAll('_', ' ');
}

const IN_ORDER: readonly ItemState[] = [
  ...(['MIGRATED', 'ALREADY_THERE', 'FAILED', 'UNKNOWN', 'SKIPPED', 'CANCELLED'] as const),
  ...(['RUNNING', 'WAITING', 'PLANNED'] as const),
];
const NOT_ENDED: readonly ItemState[] = ['PLANNED', 'WAITING', 'RUNNING'];

/** `28 migrated, 2 failed, 6 running`. States without items are left out. */
export function countsText(counts: ItemCounts): string {
  const parts = IN_ORDER.filter((state) => counts[state] > 0).map(
    (state) => `${counts[state]} ${stateText(state)}`,
  );
  return parts.length === 0 ? 'no items' : parts.join(', ');
}

export function endedOf({ counts }: Pick<CampaignProgress, 'counts'>): number {
  return IN_ORDER.filter((state) => !NOT_ENDED.includes(state)).reduce(
    (sum, state) => sum + counts[state],
    0,
  );
}

/** Empty if the time is unknown, or if the campaign waits for a person. */
export function etaText({ state, etaMs }: Pick<CampaignProgress, 'state' | 'etaMs'>): string {
  const goesOn = state === 'RUNNING' || state === 'DRAINING';
  return etaMs === null || !goesOn ? '' : `about ${shortDuration(etaMs)} left`;
}

export function barOf(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  const percent = `${Math.floor(100 * Math.min(1, share))}%`.padStart(4);
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${percent}`;
}

/** The command that ends a pause. */
export function hintFor(cause: PauseCause, name: string): string {
  if (cause === 'canary' || cause === 'wave')
    return `to continue: vnf-migrator campaign approve ${name} --reason "…"`;
  if (cause === 'mano-deaf') return 'it resumes when the MANO answers';
  const more = cause === 'budget' ? `; a larger budget: campaign set ${name} --budget maxErrors=…` : '';
  return `to continue: vnf-migrator campaign resume ${name} --reason "…"${more}`;
}
