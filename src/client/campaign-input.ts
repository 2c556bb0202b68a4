/** What a campaign was started with, read from its history: for campaigns that callers started without our memo. */
import { status } from '@grpc/grpc-js';
import { isGrpcServiceError, type Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { parseCampaign, type CampaignSpec } from '../shared/campaign/contract.js';

export interface CampaignRun {
  workflowId: string;
  runId: string;
}

/** Null: its first run is no longer kept, or its input is no campaign, or cannot be read. */
export async function startedWith(client: Client, run: CampaignRun): Promise<CampaignSpec | null> {
  const begun = await firstEvent(client, run);
  const firstRunId = begun?.firstExecutionRunId ?? '';
  // A later run of a long campaign was given what the campaign carried, not its input.
  const first =
    firstRunId === '' || firstRunId === run.runId
      ? begun
      : await firstEvent(client, { ...run, runId: firstRunId });
  const { workflowId } = run;
  const [input] = await decoded(client, { workflowId, payloads: first?.input?.payloads ?? [] });
  const parsed = parseCampaign(input);
  return parsed.kind === 'campaign' ? parsed.spec : null;
}

async function firstEvent(client: Client, { workflowId, runId }: CampaignRun) {
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    });
    return history?.events?.[0]?.workflowExecutionStartedEventAttributes ?? null;
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === status.NOT_FOUND) return null;
    throw error;
  }
}

type Payloads = Parameters<typeof decodeArrayFromPayloads>[1];

/** Empty: they are encrypted by a key that this client does not have, or hold no JSON. */
export async function decoded(
  client: Client,
  { workflowId, payloads }: { workflowId: string; payloads: Payloads },
): Promise<unknown[]> {
  const { loadedDataConverter, namespace } = client.options;
  const context = { type: 'workflow', namespace, workflowId } as const;
  return await decodeArrayFromPayloads(loadedDataConverter, payloads, context).catch(() => []);
}
