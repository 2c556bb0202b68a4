/** Which items of a campaign a table shows. Pure. */
import type { CampaignItemView, ItemState } from '../../../shared/campaign/views.js';

export interface ItemFilter {
  /** Empty: all states. */
  state: ItemState | '';
  /** Of names, uuids and VIMs, in any case; every word must be found. */
  text: string;
}

export function filteredItems(
  items: readonly CampaignItemView[],
  { state, text }: ItemFilter,
): CampaignItemView[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return items.filter((item) => {
    if (state !== '' && item.state !== state) return false;
    if (words.length === 0) return true;
    const searched = searchedText(item);
    return words.every((word) => searched.includes(word));
  });
}

/** Made once for each reading of an item: a state of an item is never changed in place. */
const searchedTexts: WeakMap<CampaignItemView, string> = new WeakMap<CampaignItemView, string>();

function searchedText(item: CampaignItemView): string {
  const known = searchedTexts.get(item);
  if (known !== undefined) return known;
  const { vnfName, serviceName, sourceVimName, targetVimName, failureType, waitReason } = item;
  const { serviceInstanceUuid, vnfUuid, presentVnfUuid, newVnfUuid, sourceVimUuid, targetVimUuid } = item;
  const parts = [
    ...[vnfName, serviceName, sourceVimName, targetVimName, failureType, waitReason],
    ...[serviceInstanceUuid, vnfUuid, presentVnfUuid, newVnfUuid, sourceVimUuid, targetVimUuid],
  ];
  const text = parts
    .map((part) => part ?? '')
    .join('\n')
    .toLowerCase();
  searchedTexts.set(item, text);
  return text;
}

export function hasBegun({ state }: CampaignItemView): boolean {
  return state !== 'PLANNED' && state !== 'WAITING';
}
