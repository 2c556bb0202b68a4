/** The addresses of pages. Pure. */
import { campaignLabel } from '../../../shared/names.js';

/** By its short name, where it has one and no other page bears it. */
export function campaignPlace(workflowId: string): string {
  const label = campaignLabel(workflowId);
  return `/campaigns/${encodeURIComponent(label === 'new' ? workflowId : label)}`;
}

export function migrationPlace(workflowId: string): string {
  return `/migrations/${encodeURIComponent(workflowId)}`;
}

/** What stands for an id in an address. */
export function idOf(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
