/** What the console's API says, to compare a page with. */
import type { CampaignView, ItemsAnswer } from '../../../src/console/pages/api/types.js';
import type { CampaignItemView } from '../../../src/shared/campaign/views.js';
import type { Stage } from './stage.js';

type Reached = Pick<Stage, 'console' | 'token'>;

/** @throws if the answer is no success */
export async function ask<Answer>(
  { console, token }: Reached,
  path: string,
  { method = 'GET', body }: { method?: 'GET' | 'POST' | 'PUT'; body?: unknown } = {},
): Promise<Answer> {
  const response = await fetch(`${console.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as Answer;
}

export async function campaignView(stage: Reached, name: string): Promise<CampaignView> {
  return await ask(stage, `/campaigns/${encodeURIComponent(name)}`);
}

export async function campaignItems(stage: Reached, name: string): Promise<CampaignItemView[]> {
  const path = `/campaigns/${encodeURIComponent(name)}/items?limit=1000`;
  return (await ask<ItemsAnswer>(stage, path)).items;
}
