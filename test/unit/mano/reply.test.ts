/**
 * Real replies, and each kind of reply that the docs and the fault tests name. Hostile replies are in
 * hostile.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES, type DecodedReply, decodeReply } from '../../../src/mano/reply.js';
import { MAX_RECORDS_BYTES } from '../../../src/mano/record-limits.js';
import { CREATE_TOPIC } from '../../../src/mano/topics.js';
import { type ManoReply, manoReplySchema } from '../../../src/shared/mano/reply.js';
import { vimsOfVnfr, vnfIdsOfNsr } from '../../../src/shared/mano/records.js';
import { ENVELOPE, message, read, readyOf } from './hostile/message.js';

const NOTHING_SAID = {
  error: null,
  errorCode: null,
  isFinal: false,
  timestamp: null,
  durationSeconds: null,
  nsr: null,
  vnfrs: null,
  recordsSummarised: false,
};

function replyOf(decoded: DecodedReply): ManoReply {
  if (decoded.kind !== 'reply') throw new Error(JSON.stringify(decoded));
  return manoReplySchema().parse(decoded.reply);
}

describe('the recorded replies', () => {
  it.each([
    ['ack', { status: 'MIGRATING' }],
    ['busy', { status: 'ERROR', error: 'Workflow for service still going on, rejected' }],
    ['error-404', { status: 'ERROR', error: '404', errorCode: 404 }],
    ['error-400-text', { status: 'ERROR', error: '400' }],
    ['same-vim', { status: 'ERROR', error: 'vnf already deployed on this vim' }],
    [
      'final-error-remove',
      { status: 'ERROR', error: 'mano.function.remove', isFinal: true, timestamp: 1795353713.0886257 },
    ],
    [
      'final-error-network',
      {
        status: 'ERROR',
        error: 'infrastructure error on ia_network',
        isFinal: true,
        timestamp: 1795353723.2404287,
      },
    ],
  ])('%s', (name, expected) => {
    const reply = replyOf(decodeReply(message(read(`real/${name}.yaml`))));
    expect(reply).toEqual({ ...ENVELOPE, ...NOTHING_SAID, ...expected });
  });

  it('READY, with its records', () => {
    const reply = replyOf(decodeReply(message(read('real/ready.yaml'))));
    expect(reply).toMatchObject({ status: 'READY', isFinal: true, durationSeconds: 1.402475357055664 });
    expect(reply.recordsSummarised).toBe(false);
    expect(vnfIdsOfNsr(reply.nsr)).toContain('11000b22-4625-548a-b27c-3d42ea669e6c');
    const vims = reply.vnfrs?.map((record) => [record['id'], vimsOfVnfr(record)]);
    expect(vims).toContainEqual([
      'fc1851bc-080e-426f-b728-1881015f6ab4',
      ['eb0084b5-6e89-5218-95c3-75368dfd02b5'],
    ]);
  });

  it('READY of a peer with a newer library', () => {
    const reply = replyOf(decodeReply(message(read('real/ready-newer-library.yaml'))));
    expect(reply).toMatchObject({ status: 'READY', isFinal: true });
    expect(reply.vnfrs?.flatMap(vimsOfVnfr)).toHaveLength(2);
  });
});

describe('the envelope', () => {
  it('is handed through', () => {
    const envelope = {
      correlationId: 'vnfm:ü:x:2',
      topic: CREATE_TOPIC,
      receivedAt: '2026-02-03T04:05:06.789Z',
    };
    const decoded = decodeReply({
      ...envelope,
      appId: 'x',
      body: Buffer.from('{error: null, status: MIGRATING}'),
    });
    expect(replyOf(decoded)).toEqual({ ...NOTHING_SAID, ...envelope, appId: 'x', status: 'MIGRATING' });
  });

  it('has an empty app_id where the sender named none', () => {
    expect(replyOf(decodeReply({ ...message('status: MIGRATING'), appId: undefined })).appId).toBe('');
  });
});

describe('an error (P6)', () => {
  it('is bounded, and says that it goes on', () => {
    const { error } = replyOf(decodeReply(message(`status: ERROR\nerror: ${'e'.repeat(2001)}\n`)));
    expect(error).toBe(`${'e'.repeat(1999)}…`);
  });

  it('is whole where it just fits', () => {
    const { error } = replyOf(decodeReply(message(`status: ERROR\nerror: ${'e'.repeat(2000)}\n`)));
    expect(error).toBe('e'.repeat(2000));
  });

  it('is not cut within a character', () => {
    const { error } = replyOf(decodeReply(message(`status: ERROR\nerror: ${'e'.repeat(1998)}😀😀\n`)));
    expect(error).toBe(`${'e'.repeat(1998)}…`);
  });
});

describe('a large body (P2, P7)', () => {
  it('of 3 MB is a reply with summarised records', () => {
    const reply = replyOf(decodeReply(message(readyOf(3_000_000))));
    expect(reply).toMatchObject({ status: 'READY', isFinal: true, recordsSummarised: true });
    expect(reply.vnfrs?.length).toBeGreaterThan(100);
    expect(vimsOfVnfr(reply.vnfrs?.[0])).toEqual(['48c062b1-ce66-503c-9aa5-23b81f34520c']);
    const { nsr, vnfrs } = reply;
    expect(Buffer.byteLength(JSON.stringify({ nsr, vnfrs }))).toBeLessThanOrEqual(MAX_RECORDS_BYTES);
  });

  it('of 4 MB is a reply', () => {
    expect(decodeReply(message(readyOf(4_000_000))).kind).toBe('reply');
  });

  it('beyond the limit is refused unread', () => {
    const body = Buffer.alloc(MAX_BODY_BYTES + 1, 'status: READY\n');
    const before = performance.now();
    expect(decodeReply(message(body))).toEqual({
      kind: 'refused',
      reason: `the body has ${body.length} bytes, more than ${MAX_BODY_BYTES}`,
    });
    expect(performance.now() - before).toBeLessThan(250);
  });
});
