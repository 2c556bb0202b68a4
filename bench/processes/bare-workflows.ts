/** The smallest possible migration: send the request, await two replies, return the final one. */
import { condition, proxyActivities, setHandler, uuid4, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../src/activities/index.js';
import { makeCorrelationId } from '../../src/shared/correlation-id.js';
import type { ManoReply } from '../../src/shared/mano/reply.js';
import { manoReplySignal } from '../../src/workflows/messages.js';

export interface BareInput {
  deployment: string;
  serviceInstanceUuid: string;
  vnfUuid: string;
  vimUuid: string;
}

const TIMEOUT_MS = 600_000;
const EXPIRATION_MS = 120_000;

const { publishRequest } = proxyActivities<Activities>({
  startToCloseTimeout: TIMEOUT_MS,
  heartbeatTimeout: '15 seconds',
  retry: { maximumAttempts: 1 },
});

export async function bareMigration({ deployment, ...ids }: BareInput): Promise<ManoReply | undefined> {
  const replies: ManoReply[] = [];
  setHandler(manoReplySignal, (reply) => void replies.push(reply));
  const { workflowId } = workflowInfo();
  const correlationId = makeCorrelationId({ deployment, workflowId, nonce: uuid4().slice(0, 8) });
  await publishRequest({ ...ids, correlationId, timeoutMs: TIMEOUT_MS, expirationMs: EXPIRATION_MS });
  await condition(() => replies.length === 2);
  // Both replies are in flight at the same time, so either may arrive first.
  return replies.find(({ status }) => status === 'READY');
}
