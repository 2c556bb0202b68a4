/** What is counted of the campaigns that run. */
import { expect, it } from 'vitest';
import { sumOf } from '../../../src/observability/census.js';
import type { CampaignProgress } from '../../../src/shared/campaign/views.js';

interface Given {
  state?: CampaignProgress['state'];
  running?: number;
  waiting?: CampaignProgress['waiting'];
  trouble?: string;
}

/** Of a progress, what the census looks at. */
function progress({ state = 'RUNNING', running = 0, waiting = {}, trouble }: Given): CampaignProgress {
  const counts = { RUNNING: running, WAITING: 1 };
  return { state, counts, waiting, trouble: trouble ?? null } as unknown as CampaignProgress;
}

it.each<[string, Given, number]>([
  ['paused by a person', { state: 'PAUSED', waiting: { paused: 5 } }, 1],
  ['at the limits of the deployment', { waiting: { 'shared-total-limit': 5 } }, 1],
  ['before a window, and at a limit', { waiting: { window: 4, capacity: 1 } }, 1],
  ['with a problem', { state: 'PLANNED', trouble: 'the repository cannot be read' }, 1],
  ['before its window', { waiting: { window: 5 } }, 0],
  ['between two waves', { waiting: { soak: 5 } }, 0],
  ['while others of its items run', { running: 2, waiting: { 'total-limit': 5 } }, 0],
  ['of which nothing waits', {}, 0],
])('a campaign %s', (_, given, stalled) => {
  expect(sumOf([progress(given)]).stalled).toBe(stalled);
});

it('campaigns are summed, and one that does not answer is silent', () => {
  const sum = sumOf([
    progress({ running: 2, waiting: { 'total-limit': 3 } }),
    progress({ state: 'PAUSED', waiting: { paused: 4, 'total-limit': 1 } }),
    null,
  ]);
  expect(sum).toMatchObject({
    states: { RUNNING: 1, PAUSED: 1, silent: 1, PLANNED: 0 },
    items: { RUNNING: 2, WAITING: 2, FAILED: 0 },
    waiting: { 'total-limit': 4, paused: 4, window: 0 },
  });
});
