/** Campaigns that a scenario needs and whose start is not what it looks at: they are started through the API. */
import type { CampaignInput } from '../../../src/shared/campaign/contract.js';
import { ask } from './api.js';
import type { Stage } from './stage.js';
import { vimsOf } from './world-vims.js';

interface FreshCampaign {
  name: string;
  /** In flight. */
  limit: number;
  campaign?: Partial<CampaignInput>;
}

/** Moves all VNFs off the VIMs that hold some. */
export async function freshCampaign(
  stage: Stage,
  { name, limit, campaign = {} }: FreshCampaign,
): Promise<void> {
  const { full, empty } = vimsOf(stage, await stage.snapshot());
  const body = {
    name,
    campaign: {
      evacuate: { vims: full },
      target: { vims: empty, strategy: 'spread' },
      limits: { total: limit, perSourceVim: limit, perTargetVim: limit },
      reason: 'a scenario needs it',
      ...campaign,
    },
  };
  await ask(stage, '/campaigns', { method: 'POST', body });
}
