/**
 * The state of a request at the Gatekeeper, as the reply of the MANO that it stands for.
 *
 * Invariant: the Gatekeeper keeps no difference between a refusal and a failure at the end, both are ERROR; the
 * errors that the MANO refuses requests with are known, so every other one is final. What is final is reconciled
 * before it is believed, which a refusal is not, so an unknown error does no harm.
 */
import { readError } from '../mano/reply-error.js';
import { limitRecords } from '../mano/record-limits.js';
import { MANO_STATUSES, type ManoReply, type ManoStatus } from '../shared/mano/reply.js';
import { isKnownRejection } from '../shared/mano/rejection.js';
import type { GatekeeperRequest } from './schema.js';

/** Stands where a reply from the bus has its routing key. */
export const GATEKEEPER_TOPIC = 'gatekeeper';

/** Null while there is none: the request is NEW, or has an unknown status. */
export function replyOf(
  request: GatekeeperRequest,
  { correlationId, receivedAt }: { correlationId: string; receivedAt: string },
): ManoReply | null {
  const status = MANO_STATUSES.find((known) => known === request.status);
  if (status === undefined) return null;
  const { error, errorCode } = errorOf(request.error);
  return {
    correlationId,
    status,
    error,
    errorCode,
    isFinal: isFinal(status, { error, errorCode }),
    topic: GATEKEEPER_TOPIC,
    appId: GATEKEEPER_TOPIC,
    receivedAt,
    timestamp: null,
    durationSeconds: request.duration ?? null,
    ...limitRecords({ nsr: request.nsr ?? null, vnfrs: request.function_uuids ?? null }),
    requestId: request.id,
  };
}

function isFinal(status: ManoStatus, error: { error: string | null; errorCode: number | null }): boolean {
  return status === 'READY' || (status === 'ERROR' && !isKnownRejection(error));
}

/** It keeps every error as text; numbers were numbers on the bus. */
function errorOf(error: unknown): ReturnType<typeof readError> {
  if (error === '') return { error: null, errorCode: null };
  const read = readError(error);
  return typeof error === 'string' && /^\d{3}$/.test(error) ? { ...read, errorCode: Number(error) } : read;
}
