/**
 * The recorded campaigns: the possible courses of a campaign, and how the last run of each ends, as `endingOf`
 * reports it.
 */
export const CAMPAIGNS = {
  'campaign-list': 'COMPLETED',
  'campaign-several-runs': 'COMPLETED',
  'campaign-canary-and-waves': 'COMPLETED',
  'campaign-orders': 'COMPLETED_WITH_ERRORS',
  'campaign-deaf-mano': 'COMPLETED',
  'campaign-evacuation': 'COMPLETED',
  'campaign-owned-by-another': 'COMPLETED',
  'campaign-aborted': 'ABORTED',
  'campaign-cancelled': 'cancelled',
  'campaign-in-its-windows': 'COMPLETED',
  'campaign-with-more-items': 'COMPLETED',
  'campaign-taken-up-again': 'COMPLETED',
  'campaign-under-limits': 'COMPLETED',
  'campaign-with-receivers': 'COMPLETED_WITH_ERRORS',
  'campaign-invalid': 'InvalidCampaign',
} as const;

export type CampaignName = keyof typeof CAMPAIGNS;
