/**
 * Floods: what whoever may publish on the bus, or post to the callback address, can send.
 *
 * Invariant: no two messages of a kind are equal unless the kind is of repetitions, so that no server can tell them apart
 * by their bytes.
 */
import { randomBytes } from 'node:crypto';
import { connect } from 'amqplib';
import { CREATE_TOPIC, MIGRATE_TOPIC, SLM_APP_ID } from '../../src/mano/topics.js';
import { parseCorrelationId } from '../../src/shared/correlation-id.js';
import { dumpLikePyYaml } from '../../src/simulator/messages.js';

/**
 * known-id: replies to the request that is under way, by somebody who saw its correlation id. made-up-ids: final replies to
 * requests that were never made, by somebody who knows the workflow id. callbacks: posts to the callback address of the
 * request.
 */
export const FLOODS = ['known-id', 'made-up-ids', 'callbacks'] as const;
export type FloodName = (typeof FLOODS)[number];

/** Unconfirmed at a time: the broker is not the subject. */
const BATCH = 1_000;
/** The callback server takes 50 connections. */
const CALLERS = 20;

export interface FloodTarget {
  amqpUrl: string;
  exchange: string;
  correlationId: string;
  replies: number;
}

interface Message {
  topic: string;
  correlationId: string;
  body: Buffer;
}

/** Acks, rejections, finals, repetitions and garbage, in turns. */
function knownIdMessage(index: number, correlationId: string): Message {
  const at = 1_700_000_000 + index / 1_000;
  const on = (topic: string, body: string | Buffer): Message => ({
    topic,
    correlationId,
    body: Buffer.from(body),
  });
  const yaml = (fields: Record<string, unknown>): string => dumpLikePyYaml(fields);
  switch (index % 8) {
    case 0:
      return on(MIGRATE_TOPIC, yaml({ status: 'MIGRATING', error: null, seen: index }));
    case 1:
      return on(
        MIGRATE_TOPIC,
        yaml({ status: 'ERROR', error: 'Workflow for service still going on, rejected', seen: index }),
      );
    case 2:
      return on(MIGRATE_TOPIC, yaml({ status: 'ERROR', error: `mano.function.${index}`, timestamp: at }));
    case 3:
      return on(CREATE_TOPIC, yaml({ status: 'ERROR', error: 'mano.function.start', timestamp: at }));
    case 4:
      return on(MIGRATE_TOPIC, yaml({ status: 'READY', error: null, timestamp: at, duration: 1 }));
    case 5:
      return on(MIGRATE_TOPIC, yaml({ status: 'MIGRATING', error: null }));
    case 6:
      return on(MIGRATE_TOPIC, randomBytes(64));
    default:
      return on(MIGRATE_TOPIC, yaml({ status: `STATUS-${index}`, error: null }));
  }
}

function madeUpMessage(correlationId: string): Message {
  const nonce = randomBytes(8).toString('hex');
  const parts = parseCorrelationId(correlationId);
  if (parts === null) throw new Error(`no correlation id of ours: ${correlationId}`);
  const made = `${correlationId.slice(0, correlationId.lastIndexOf(':'))}:${nonce}`;
  const body = dumpLikePyYaml({ status: 'ERROR', error: 'mano.function.start', timestamp: 1_700_000_000 });
  return { topic: MIGRATE_TOPIC, correlationId: made, body: Buffer.from(body) };
}

/** Resolves when the broker has all of them. */
export async function floodBus(
  name: Exclude<FloodName, 'callbacks'>,
  { amqpUrl, exchange, correlationId, replies }: FloodTarget,
): Promise<void> {
  const model = await connect(amqpUrl);
  try {
    const channel = await model.createConfirmChannel();
    for (let index = 0; index < replies; index += 1) {
      const message =
        name === 'known-id' ? knownIdMessage(index, correlationId) : madeUpMessage(correlationId);
      channel.publish(exchange, message.topic, message.body, {
        appId: SLM_APP_ID,
        correlationId: message.correlationId,
      });
      if (index % BATCH === BATCH - 1) await channel.waitForConfirms();
    }
    await channel.waitForConfirms();
  } finally {
    await model.close();
  }
}

/** Posts what says that a request is over. Resolves when all were answered. */
export async function floodCallbacks({
  url,
  replies,
}: {
  url: string;
  replies: number;
}): Promise<Record<number, number>> {
  const answers: Record<number, number> = {};
  let sent = 0;
  const call = async (): Promise<void> => {
    while (sent < replies) {
      sent += 1;
      const status = await post(url, `forged-${sent}`);
      answers[status] = (answers[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, call));
  return answers;
}

/** 0: not answered. */
async function post(url: string, requestId: string): Promise<number> {
  const body = JSON.stringify({ id: requestId, status: 'ERROR', error: requestId, callback: url });
  try {
    const response = await fetch(url, { method: 'POST', body });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
