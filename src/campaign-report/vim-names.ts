/** The names of the VIMs of a report, as its items have them. Pure. */
import type { CampaignItemView } from '../shared/campaign/views.js';
import { labelled } from '../shared/vim/vim.js';

export function vimNamesOf(items: readonly CampaignItemView[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { sourceVimUuid, sourceVimName, targetVimUuid, targetVimName } of items) {
    if (sourceVimUuid !== null && sourceVimName != null) names.set(sourceVimUuid, sourceVimName);
    if (targetVimUuid !== null && targetVimName != null) names.set(targetVimUuid, targetVimName);
  }
  return names;
}

/** Name first, uuid behind. */
export function vimText(vimUuid: string, names: ReadonlyMap<string, string>): string {
  return labelled(names.get(vimUuid), vimUuid);
}
