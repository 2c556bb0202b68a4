/**
 * Replies that reached us and no workflow, as a person deals with them: listed, shown, replayed, dropped.
 *
 * Invariants: a replay signals a workflow and publishes nothing. What is not signalled stays parked. One look at a time
 * goes through the queue: while it does, no other sees what it holds.
 */
import type { Client } from '@temporalio/client';
import { throughParked, type ParkedMessage, type ParkedRoom } from '../amqp/parked-queue.js';
import { decodeReply } from '../mano/reply.js';
import type { Config } from '../settings/config.js';
import { parseCorrelationId } from '../shared/correlation-id.js';
import { createSignalWorkflow, type Signalled } from './signal-workflow.js';

/** A parked reply without its body. Any peer on the bus may have written its texts. */
export interface ParkedSummary {
  /** The same at every look. */
  id: string;
  /** Why no workflow has it. */
  reason: string;
  receivedAt: string;
  correlationId: string;
  topic: string;
  appId: string;
  bytes: number;
}

export interface ParkedReply extends ParkedSummary {
  body: string;
}

export interface Replayed extends ParkedSummary {
  /** False: it stays parked. */
  replayed: boolean;
  /** What became of it. */
  text: string;
}

/** Which of them: by their ids, or all. */
export type ParkedSelection = { ids: readonly string[] } | { all: true };

/** What an order came to. `missing`: ids of which nothing is parked. */
export interface ParkedOutcome<Reply> {
  replies: Reply[];
  missing: string[];
}

export function parkedRoomOf({ amqp, deployment }: Config): ParkedRoom {
  return { broker: amqp, deployment };
}

/** The workflow that a parked reply is for; null: it names none. */
export function workflowOfParked({ correlationId }: Pick<ParkedSummary, 'correlationId'>): string | null {
  return parseCorrelationId(correlationId)?.workflowId ?? null;
}

/** The oldest first. */
export async function listParked(room: ParkedRoom): Promise<ParkedSummary[]> {
  const summaries: ParkedSummary[] = [];
  await throughParked(room, (message) => {
    summaries.push(summaryOf(message));
    return Promise.resolve('keep');
  });
  return summaries;
}

/** Null: nothing with that id is parked. */
export async function findParked(room: ParkedRoom, id: string): Promise<ParkedReply | null> {
  const found: ParkedReply[] = [];
  await throughParked(room, (message) => {
    if (message.id === id) found.push({ ...summaryOf(message), body: message.body.toString('utf8') });
    return Promise.resolve('keep');
  });
  return found[0] ?? null;
}

/**
 * Signals them to their workflows. `tell` hears of each at once: what was done stays done where the broker is lost on
 * the way.
 */
export async function replayParked(
  room: ParkedRoom,
  {
    client,
    selection,
    tell = () => undefined,
  }: { client: Client; selection: ParkedSelection; tell?: (reply: Replayed) => void },
): Promise<ParkedOutcome<Replayed>> {
  const choice = choiceOf(selection);
  const replies: Replayed[] = [];
  await throughParked(room, async (message) => {
    if (!choice.takes(message.id)) return 'keep';
    const reply = { ...summaryOf(message), ...(await replayOne(client, message)) };
    replies.push(reply);
    tell(reply);
    return reply.replayed ? 'remove' : 'keep';
  });
  return { replies, missing: choice.left() };
}

/** Throws them away. `tell` as of `replayParked`. */
export async function dropParked(
  room: ParkedRoom,
  {
    selection,
    tell = () => undefined,
  }: { selection: ParkedSelection; tell?: (reply: ParkedSummary) => void },
): Promise<ParkedOutcome<ParkedSummary>> {
  const choice = choiceOf(selection);
  const replies: ParkedSummary[] = [];
  await throughParked(room, (message) => {
    if (!choice.takes(message.id)) return Promise.resolve('keep');
    const reply = summaryOf(message);
    replies.push(reply);
    tell(reply);
    return Promise.resolve('remove');
  });
  return { replies, missing: choice.left() };
}

function choiceOf(selection: ParkedSelection) {
  const ids = new Set('ids' in selection ? selection.ids : []);
  return {
    takes: (id: string): boolean => ids.delete(id) || 'all' in selection,
    left: (): string[] => [...ids],
  };
}

async function replayOne(
  client: Client,
  message: ParkedMessage,
): Promise<Pick<Replayed, 'replayed' | 'text'>> {
  const { body, correlationId, topic, appId, receivedAt } = message;
  const workflowId = workflowOfParked(message);
  const decoded = decodeReply({ body, correlationId, topic, appId, receivedAt });
  if (workflowId === null || decoded.kind !== 'reply') {
    const why =
      decoded.kind === 'refused' ? decoded.reason : 'it names no workflow, or a status that nobody knows';
    return { replayed: false, text: `stays parked: ${why}` };
  }
  const signalled = await createSignalWorkflow(client)({ workflowId, reply: decoded.reply, body });
  return { replayed: signalled.kind === 'accepted', text: replayText(signalled, workflowId) };
}

function replayText(signalled: Signalled, workflowId: string): string {
  switch (signalled.kind) {
    case 'accepted':
      return `signalled to ${workflowId}`;
    case 'closed':
      return `stays parked: ${workflowId} is closed (${signalled.status.toLowerCase()})`;
    case 'later':
    case 'refused':
      return `stays parked: ${signalled.reason}`;
  }
}

function summaryOf({
  id,
  correlationId,
  topic,
  appId,
  reason,
  receivedAt,
  body,
}: ParkedMessage): ParkedSummary {
  return { id, reason, receivedAt, correlationId, topic, appId, bytes: body.byteLength };
}
