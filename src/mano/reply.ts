/**
 * Decodes what comes from the bus with a correlation id of ours. Hostile until decoded.
 *
 * Invariants: `decodeReply` never throws, whatever the bytes; a reply it returns satisfies manoReplySchema,
 * is plain JSON and of bounded size; a reason for refusing is one readable line of at most 200 characters.
 * It is synchronous: for bodies that may be large go through createReplyDecoder.
 */
import { MANO_STATUSES, type ManoReply, type ManoStatus } from '../shared/mano/reply.js';
import { isRecord } from '../shared/mano/records.js';
import { limitRecords } from './record-limits.js';
import { readError } from './reply-error.js';
import { excerpt } from './safe-text.js';
import { YamlRefused, parseYaml } from './yaml.js';
import { repeatedKeys } from './yaml-schema.js';

/** Beyond it a body is refused unread. A READY with large records has 3 to 4 MB. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** A delivery from the bus, as far as the decoder is concerned. */
export interface ReceivedMessage {
  body: Uint8Array;
  correlationId: string;
  /** The routing key. */
  topic: string;
  appId: string | undefined;
  /** ISO 8601. */
  receivedAt: string;
}

export type DecodedReply =
  | { kind: 'reply'; reply: ManoReply }
  | { kind: 'unknown-status'; status: string }
  | { kind: 'refused'; reason: string };

export function decodeReply(message: ReceivedMessage): DecodedReply {
  const { byteLength } = message.body;
  if (byteLength > MAX_BODY_BYTES) {
    return refused(`the body has ${byteLength} bytes, more than ${MAX_BODY_BYTES}`);
  }
  try {
    return readReply(parseYaml(message.body), message);
  } catch (error) {
    return refused(
      error instanceof YamlRefused ? `the body ${error.message}` : 'the body could not be decoded',
    );
  }
}

function readReply(content: unknown, message: ReceivedMessage): DecodedReply {
  if (!isRecord(content)) return refused(`the body is ${nameOf(content)}, not a mapping`);
  if (!Object.hasOwn(content, 'status')) return refused('the body has no status');
  // The last one would win, and a READY could hide an ERROR.
  const ambiguous = ['status', 'error'].find((key) => repeatedKeys(content).has(key));
  if (ambiguous !== undefined) return refused(`the body has more than one ${ambiguous}`);
  const { status } = content;
  if (!isManoStatus(status)) return { kind: 'unknown-status', status: statusText(status) };
  return { kind: 'reply', reply: { ...envelopeOf(message), status, ...fieldsOf(content, status) } };
}

function envelopeOf(
  message: ReceivedMessage,
): Pick<ManoReply, 'correlationId' | 'topic' | 'appId' | 'receivedAt'> {
  const { correlationId, topic, appId = '', receivedAt } = message;
  return { correlationId, topic, appId, receivedAt };
}

type Fields = Omit<ManoReply, 'correlationId' | 'topic' | 'appId' | 'receivedAt' | 'status'>;

function fieldsOf(content: Record<string, unknown>, status: ManoStatus): Fields {
  const own = (key: string): unknown => (Object.hasOwn(content, key) ? content[key] : undefined);
  const nsr = own('nsr');
  const vnfrs = own('vnfrs');
  const duration = numberOf(own('duration'));
  return {
    ...readError(own('error')),
    // An ack carries no timestamp; whatever stands there, the MANO meant a final.
    isFinal: status === 'READY' || own('timestamp') !== undefined,
    timestamp: numberOf(own('timestamp')),
    durationSeconds: duration !== null && duration >= 0 ? duration : null,
    ...limitRecords({
      nsr: isRecord(nsr) ? nsr : null,
      vnfrs: Array.isArray(vnfrs) ? vnfrs.filter(isRecord) : null,
    }),
  };
}

function isManoStatus(value: unknown): value is ManoStatus {
  return MANO_STATUSES.some((status) => status === value);
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function statusText(status: unknown): string {
  return excerpt(typeof status === 'string' ? status : JSON.stringify(status), 64);
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function refused(reason: string): DecodedReply {
  return { kind: 'refused', reason };
}
