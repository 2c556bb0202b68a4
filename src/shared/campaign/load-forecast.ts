/**
 * The load of each VIM before and after a campaign, as far as the list of VIMs and the records tell it.
 *
 * Invariants: pure; a VNF without stated needs counts as nothing; what leaves a VIM makes no room there for what comes
 * before it, so the forecast of `most-free` is the fullest that a VIM can get.
 */
import type { Demand, VnfNeeds } from '../vim/demand.js';
import type { Usage, Vim } from '../vim/vim.js';
import type { CampaignTarget } from './contract.js';
import { placementOf, type CampaignPlan, type PlannedItem } from './plan.js';

/** Of one resource. */
export interface LoadChange {
  before: number;
  after: number;
  total: number;
}

export interface VimForecast {
  vimUuid: string;
  vimName: string | null;
  leaving: number;
  arriving: number;
  /** Null where the list does not have the VIM, or its load. */
  cores: LoadChange | null;
  memoryMb: LoadChange | null;
}

export interface LoadForecast {
  /** Every VIM that an item leaves or goes to: sources first. */
  vims: VimForecast[];
  /** Of each item, by its index: where it goes; null: no VIM has room for it now. */
  targets: (string | null)[];
  /** Items whose needs are not known: they count as nothing. */
  withoutNeeds: number;
}

export function forecastLoad(
  { items, stages }: Pick<CampaignPlan, 'items' | 'stages'>,
  { target, vims }: { target: CampaignTarget | undefined; vims: readonly Vim[] },
): LoadForecast {
  const targets = targetsOf({ items, stages }, { target, vims });
  const changes = new Map<string, Change>();
  const changeOf = (vimUuid: string): Change => {
    const known = changes.get(vimUuid) ?? { leaving: 0, arriving: 0, cores: 0, memoryMb: 0 };
    changes.set(vimUuid, known);
    return known;
  };
  items.forEach(({ sourceVimUuid, needs }) => {
    if (sourceVimUuid !== null) apply(changeOf(sourceVimUuid), { needs, by: -1 });
  });
  items.forEach(({ needs }, index) => {
    const vimUuid = targets[index] ?? null;
    if (vimUuid !== null) apply(changeOf(vimUuid), { needs, by: 1 });
  });
  const listed = new Map(vims.map((vim) => [vim.uuid, vim]));
  return {
    vims: [...changes].map(([vimUuid, change]) => forecastOf({ vimUuid, change, vim: listed.get(vimUuid) })),
    targets,
    withoutNeeds: items.filter(({ needs }) => needs?.isStated !== true).length,
  };
}

interface Change extends Demand {
  leaving: number;
  arriving: number;
}

function apply(change: Change, { needs, by }: { needs: VnfNeeds | null; by: 1 | -1 }): void {
  if (by === 1) change.arriving += 1;
  else change.leaving += 1;
  change.cores += by * (needs?.demand.cores ?? 0);
  change.memoryMb += by * (needs?.demand.memoryMb ?? 0);
}

/** In the order of the starts. */
function targetsOf(
  { items, stages }: Pick<CampaignPlan, 'items' | 'stages'>,
  { target, vims }: { target: CampaignTarget | undefined; vims: readonly Vim[] },
): (string | null)[] {
  const targets = items.map(({ targetVimUuid }): string | null => targetVimUuid);
  const placement = placementOf(target);
  if (placement === null) return targets;
  placement.renew(vims);
  const place = ({ targetVimUuid, sourceVimUuid, needs }: PlannedItem): string | null => {
    const vimUuid = targetVimUuid ?? placement.choose({ needs, sourceVimUuid });
    if (vimUuid !== null && needs !== null) placement.reserve(vimUuid, needs);
    return vimUuid;
  };
  for (const index of stages.flatMap((stage) => stage.items)) {
    const item = items[index];
    if (item !== undefined) targets[index] = place(item);
  }
  return targets;
}

function forecastOf({
  vimUuid,
  change,
  vim,
}: {
  vimUuid: string;
  change: Change;
  vim: Vim | undefined;
}): VimForecast {
  const { leaving, arriving, cores, memoryMb } = change;
  const changed = (usage: Usage | null | undefined, by: number): LoadChange | null =>
    usage == null ? null : { before: usage.used, after: Math.max(0, usage.used + by), total: usage.total };
  return {
    vimUuid,
    vimName: vim?.name ?? null,
    leaving,
    arriving,
    cores: changed(vim?.cores, cores),
    memoryMb: changed(vim?.memoryMb, memoryMb),
  };
}
