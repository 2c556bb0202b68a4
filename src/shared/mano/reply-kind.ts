/**
 * What a reply can tell a migration: replies of one kind to one request tell the same.
 *
 * Invariant: the ledger of a migration (workflows/migration/attempt-ledger.ts) takes from a reply nothing that a reply
 * of the same kind to the same request has not told it before. So the first of a kind is enough.
 */
import { classifyRejection, readProbeAnswer, REMOVAL_FAILED_ERROR } from './rejection.js';
import type { ManoReply } from './reply.js';

/** One of some twenty texts; with a `requestId` the request of the Gatekeeper is a part of it. */
export function replyKind(reply: ManoReply): string {
  const { status, isFinal, error, requestId = '' } = reply;
  const refusal = status !== 'ERROR' ? '' : isFinal ? 'final' : classifyRejection(reply);
  const removal = status === 'ERROR' && error === REMOVAL_FAILED_ERROR ? 'removal' : '';
  // To a probe the status means nothing.
  return [status, refusal, removal, readProbeAnswer(error), requestId].join(' ');
}
