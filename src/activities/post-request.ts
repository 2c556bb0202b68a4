/**
 * Posts a migration to the Gatekeeper, at most once, and reports truthfully what happened.
 *
 * Invariant: posted again only while nothing can have arrived. To be run with one try: a second would be a second
 * request.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { GatekeeperClient, Posted } from '../gatekeeper/client.js';
import { GATEKEEPER_TOPIC } from '../gatekeeper/reply.js';
import { callbackUrlOf } from '../gatekeeper/callback-url.js';
import type { ManoReply } from '../shared/mano/reply.js';
import { holdLease } from './lease.js';
import type { LogSubject } from './log-fields.js';
import type { PublishOutcome } from './publish-once.js';

export interface PostRequestInput extends LogSubject {
  correlationId: string;
  /** How long to look for a Gatekeeper, in milliseconds. */
  timeoutMs: number;
  serviceInstanceUuid: string;
  vnfUuid: string;
  /** The VIM to move to. */
  vimUuid: string;
}

export interface PostOutcome extends PublishOutcome {
  /** The Gatekeeper's id of the request; null if its answer is missing. */
  requestId: string | null;
  /** Its word on a request that it did not take. */
  refusal: ManoReply | null;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;

export interface GatekeeperRoute {
  client: GatekeeperClient;
  /** Where it posts changes to; null: it is only asked. */
  callbackBaseUrl: string | null;
}

export function createPostRequest({ gatekeeper }: { gatekeeper: GatekeeperRoute | null }) {
  return async (input: PostRequestInput): Promise<PostOutcome> => {
    if (gatekeeper === null) return notSent('GATEKEEPER_URL is not set');
    const context = Context.current();
    const lease = holdLease(context);
    try {
      const { cancellationSignal } = context;
      const untilMs = Date.now() - lease.ageMs() + input.timeoutMs;
      let outcome = notSent('cancelled, or too late, before it could post');
      for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
        if (cancellationSignal.aborted || Date.now() >= untilMs) return outcome;
        if (!(await lease.isHeld())) return notSent('this execution was given up before it could post');
        outcome = outcomeOf(await post(gatekeeper, input), input);
        if (outcome.sent !== 'not-sent') return outcome;
        const leftMs = Math.max(0, untilMs - Date.now());
        await delay(Math.min(waitMs, leftMs), undefined, { signal: cancellationSignal }).catch(
          () => undefined,
        );
      }
    } finally {
      lease.release();
    }
  };
}

/** Not to be cancelled: what has begun to leave is waited for. */
async function post({ client, callbackBaseUrl }: GatekeeperRoute, input: PostRequestInput): Promise<Posted> {
  const { serviceInstanceUuid, vnfUuid, vimUuid, correlationId } = input;
  const callbackUrl = callbackBaseUrl === null ? null : callbackUrlOf(callbackBaseUrl, correlationId);
  return await client.post({ serviceInstanceUuid, vnfUuid, vimUuid, callbackUrl });
}

function outcomeOf(posted: Posted, { correlationId }: PostRequestInput): PostOutcome {
  switch (posted.kind) {
    case 'accepted':
      return { sent: 'confirmed', reason: null, requestId: posted.request.id, refusal: null };
    case 'refused':
      return {
        sent: 'confirmed',
        reason: null,
        requestId: null,
        refusal: refusal(correlationId, posted.error),
      };
    case 'perhaps':
      return { sent: 'perhaps', reason: posted.reason, requestId: null, refusal: null };
    case 'not-sent':
      return notSent(posted.reason);
  }
}

function refusal(correlationId: string, error: string): ManoReply {
  return {
    correlationId,
    status: 'ERROR',
    error,
    errorCode: null,
    isFinal: false,
    topic: GATEKEEPER_TOPIC,
    appId: GATEKEEPER_TOPIC,
    receivedAt: new Date().toISOString(),
    timestamp: null,
    durationSeconds: null,
    nsr: null,
    vnfrs: null,
    recordsSummarised: false,
  };
}

function notSent(reason: string): PostOutcome {
  return { sent: 'not-sent', reason, requestId: null, refusal: null };
}
