/**
 * Hands one reply to one workflow.
 *
 * Invariants: the request id is made of what the reply is, so the same reply sent twice is one event in the
 * history; an outage and a missing namespace are "later", never "gone"; a key that is missing here holds nothing up.
 */
import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import {
  isGrpcServiceError,
  NamespaceNotFoundError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionStatusName,
} from '@temporalio/client';
import { UnreadablePayloadError } from '../codec/unreadable-payload.js';
import { manoReplySignal } from '../workflows/messages.js';
import type { ManoReply } from '../shared/mano/reply.js';
import { activeTracing } from '../tracing/tracing.js';

export type Signalled =
  | { kind: 'accepted' }
  /** The workflow is closed, or Temporal knows it no more. */
  | { kind: 'closed'; status: WorkflowExecutionStatusName | 'NOT_FOUND' }
  | { kind: 'later'; reason: string }
  | { kind: 'refused'; reason: string };

export type SignalWorkflow = (signal: {
  workflowId: string;
  reply: ManoReply;
  body: Buffer;
}) => Promise<Signalled>;

/** The SDK sets none: a server that is frozen would be waited for as long as TCP lives. */
const CALL_TIMEOUT_MS = 5_000;

export function createSignalWorkflow(client: Client): SignalWorkflow {
  return (signal) => client.withDeadline(Date.now() + CALL_TIMEOUT_MS, () => signalOnce(client, signal));
}

async function signalOnce(
  client: Client,
  { workflowId, reply, body }: Parameters<SignalWorkflow>[0],
): Promise<Signalled> {
  try {
    await client.workflowService.signalWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId },
      signalName: manoReplySignal.name,
      input: { payloads: await encode(client, reply) },
      header: { fields: activeTracing()?.temporalHeaders() ?? {} },
      identity: client.options.identity,
      requestId: requestIdOf(reply, body),
    });
    return { kind: 'accepted' };
  } catch (error) {
    return await judge(client, { workflowId, error });
  }
}

/** Same correlation id, topic and bytes: the same reply, delivered again. */
function requestIdOf({ correlationId, topic }: ManoReply, body: Buffer): string {
  return createHash('sha256')
    .update(correlationId)
    .update('\0')
    .update(topic)
    .update('\0')
    .update(body)
    .digest('hex');
}

async function encode(client: Client, reply: ManoReply) {
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  let payloads = [payloadConverter.toPayload(reply)];
  for (const codec of payloadCodecs) payloads = await codec.encode(payloads);
  return payloads;
}

async function judge(
  client: Client,
  { workflowId, error }: { workflowId: string; error: unknown },
): Promise<Signalled> {
  const reason = error instanceof Error ? error.message : String(error);
  if (!isGrpcServiceError(error)) return { kind: 'later', reason };
  if (error.code === status.INVALID_ARGUMENT) return { kind: 'refused', reason: error.details };
  if (error.code !== status.NOT_FOUND) return { kind: 'later', reason: error.details || reason };
  return await describeClosed(client, workflowId);
}

/** The same code means "no such workflow", "it is closed" and "no such namespace": only a query distinguishes them. */
async function describeClosed(client: Client, workflowId: string): Promise<Signalled> {
  try {
    const { name } = (await client.workflow.getHandle(workflowId).describe()).status;
    if (name === 'RUNNING') return { kind: 'later', reason: 'a new run of the workflow has just started' };
    return { kind: 'closed', status: name };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'closed', status: 'NOT_FOUND' };
    // Of its memo: Temporal has answered, and knows it.
    if (error instanceof UnreadablePayloadError) return { kind: 'closed', status: 'UNKNOWN' };
    if (error instanceof NamespaceNotFoundError) return { kind: 'later', reason: error.message };
    return { kind: 'later', reason: error instanceof Error ? error.message : String(error) };
  }
}
