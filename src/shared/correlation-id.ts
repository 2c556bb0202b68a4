/**
 * The correlation id of a message: `vnfm:<deployment>:<workflow id>:<nonce>`.
 *
 * Invariants: the id alone names the workflow, so the listener needs no table; the deployment is
 * percent-encoded and the nonce is what follows the last ':', so a workflow id may contain anything;
 * `parseCorrelationId(makeCorrelationId(x))` is x.
 */
export interface CorrelationParts {
  deployment: string;
  workflowId: string;
  /** New for each message; no ':' in it. */
  nonce: string;
}

/** AMQP's short strings hold 255 bytes; the MANO echoes all of them. */
export const MAX_CORRELATION_ID_BYTES = 255;

const PREFIX = 'vnfm:';

export function makeCorrelationId({ deployment, workflowId, nonce }: CorrelationParts): string {
  return `${PREFIX}${encodeURIComponent(deployment)}:${workflowId}:${nonce}`;
}

/** The parts of an id of ours, of whatever deployment; null for everybody else's. Never throws. */
export function parseCorrelationId(correlationId: string): CorrelationParts | null {
  if (!correlationId.startsWith(PREFIX)) return null;
  const afterDeployment = correlationId.indexOf(':', PREFIX.length);
  const beforeNonce = correlationId.lastIndexOf(':');
  if (afterDeployment === -1 || beforeNonce <= afterDeployment) return null;
  const deployment = decode(correlationId.slice(PREFIX.length, afterDeployment));
  const workflowId = correlationId.slice(afterDeployment + 1, beforeNonce);
  const nonce = correlationId.slice(beforeNonce + 1);
  if (deployment === null || deployment === '' || workflowId === '' || nonce === '') return null;
  return { deployment, workflowId, nonce };
}

/** UTF-8 length of the id: what must not exceed {@link MAX_CORRELATION_ID_BYTES}. */
export function correlationIdBytes(correlationId: string): number {
  let bytes = 0;
  for (const character of correlationId) {
    const codePoint = character.codePointAt(0) ?? 0;
    bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
  return bytes;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
