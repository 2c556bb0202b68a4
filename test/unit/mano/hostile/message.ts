/** Deliveries for the tests of the decoder: a body in an envelope, the recorded bodies, a READY of any size. */
import { readFileSync } from 'node:fs';
import { MIGRATE_TOPIC, SLM_APP_ID } from '../../../../src/mano/topics.js';
import type { ReceivedMessage } from '../../../../src/mano/reply.js';

export const ENVELOPE = {
  correlationId: 'vnfm:default:vnf-migration/x:1',
  topic: MIGRATE_TOPIC,
  appId: SLM_APP_ID,
  receivedAt: '2026-01-01T00:00:00.000Z',
};

export function message(body: string | Uint8Array): ReceivedMessage {
  return { ...ENVELOPE, body: typeof body === 'string' ? Buffer.from(body) : body };
}

/** A file beside this one. */
export function read(name: string): Buffer {
  return readFileSync(new URL(name, import.meta.url));
}

/** The recorded READY with its VNF records repeated, each with an id of its own, until it has so many bytes. */
export function readyOf(bytes: number): Buffer {
  const ready = read('real/ready.yaml').toString().replace('workflow: migratevnf\n', '');
  const start = ready.indexOf('vnfrs:\n') + 'vnfrs:\n'.length;
  const records = ready.slice(start);
  const parts = [ready.slice(0, start)];
  for (let size = start, copy = 0; size < bytes; size += records.length, copy += 1) {
    parts.push(records.replaceAll('8664efc0', (0x10000000 + copy).toString(16)));
  }
  return Buffer.from(parts.join(''));
}
