import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { CampaignInput } from '../../src/shared/campaign/contract.js';
import type { CampaignResult } from '../../src/shared/campaign/views.js';
import { campaignProgressQuery } from '../../src/workflows/messages.js';
import type { migrationCampaign } from '../../src/workflows/index.js';

/** Waits for the end, and tells on the way how far it is. */
export async function runCampaign(
  client: Client,
  {
    input,
    taskQueue,
    name,
    report,
  }: { input: CampaignInput; taskQueue: string; name: string; report: (line: string) => void },
): Promise<CampaignResult> {
  const workflowId = `vnf-campaign/${name}`;
  const handle = await client.workflow.start<typeof migrationCampaign>('migrationCampaign', {
    workflowId,
    taskQueue,
    args: [input],
  });
  const over = new AbortController();
  const tell = async (): Promise<void> => {
    for (;;) {
      await delay(10_000, undefined, { signal: over.signal }).catch(() => undefined);
      if (over.signal.aborted) return;
      const progress = await client
        .withDeadline(Date.now() + 8_000, () =>
          client.workflow.getHandle(workflowId).query(campaignProgressQuery),
        )
        .catch(() => null);
      if (progress !== null) report(`${progress.state} ${JSON.stringify(progress.counts)}`);
    }
  };
  const telling = tell();
  try {
    return await handle.result();
  } finally {
    over.abort();
    await telling;
  }
}
