/**
 * Why Temporal cannot be worked with, readable: what gRPC and the SDK say, or what TLS has said below them, which they
 * keep for themselves or wrap up.
 */
import { status } from '@grpc/grpc-js';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { tlsProblem, withoutSource, type TlsPeer } from '../settings/tls-errors.js';

const TEMPORAL: TlsPeer = {
  name: 'Temporal',
  address: 'TEMPORAL_ADDRESS',
  ca: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  cert: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
};

const REFUSALS = [status.UNAUTHENTICATED, status.PERMISSION_DENIED];

/** What gRPC puts around the error of the connection below. */
const LAST_ERROR = /Last error: (?:Error(?: \[\w+\])?: )?(.*?)\s*(?:\([\d-]+T[\d:.]+Z\))?\. Resolution note/s;

/** In one line, without secrets. */
export function temporalProblem(error: unknown): string {
  const said = error instanceof ServiceError && error.cause !== undefined ? error.cause : error;
  if (isGrpcServiceError(said) && REFUSALS.includes(said.code)) {
    return `Temporal refused us (TEMPORAL_API_KEY, ${TEMPORAL.cert}): ${said.details}`;
  }
  const text = said instanceof Error ? said.message : String(said);
  const last = LAST_ERROR.exec(text)?.[1];
  if (last === 'null') return 'no connection can be made';
  const told = withoutSource(last ?? text);
  const reason = tlsProblem(told, TEMPORAL);
  if (reason !== null) return `${reason} (${told})`;
  return last === undefined ? text.trim() : `no connection can be made (${told})`;
}
