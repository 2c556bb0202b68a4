/** The decoder, which must not block the event loop. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type ReplyDecoder,
  type ReplyDecoderOptions,
  createReplyDecoder,
} from '../../../src/mano/reply-decoder.js';
import { MAX_BODY_BYTES, decodeReply } from '../../../src/mano/reply.js';
import { message, read, readyOf } from './hostile/message.js';

const THREE_MEGABYTES = readyOf(3_000_000);

const decoders: ReplyDecoder[] = [];
function decoder(options?: ReplyDecoderOptions): ReplyDecoder {
  const created = createReplyDecoder(options);
  decoders.push(created);
  return created;
}
afterEach(async () => {
  await Promise.all(decoders.splice(0).map((each) => each.close()));
});

describe('a reply decoder', () => {
  it.each([
    ['small', read('real/ready.yaml')],
    ['large', readyOf(100_000)],
    ['3 MB', THREE_MEGABYTES],
    ['hostile', read('alias-bomb-of-lists.yaml')],
    ['not UTF-8', Buffer.alloc(100_000, 0xff)],
    ['too large', Buffer.alloc(MAX_BODY_BYTES + 1, ' ')],
  ])('decodes as decodeReply does: %s', async (_name, body) => {
    await expect(decoder().decode(message(body))).resolves.toEqual(decodeReply(message(body)));
  });

  it('does not hold the event loop while it decodes a READY of 3 MB', async () => {
    const decode = decoder();
    // The start of the thread is not the message's; it comes once, before the first large reply.
    await decode.decode(message(readyOf(20_000)));
    // On the loop itself it would take half a second. The best of three: on a machine with more to do than it has processors, the loop waits for them, too.
    const held = [await holdsLoopFor(decode), await holdsLoopFor(decode), await holdsLoopFor(decode)];
    expect(Math.min(...held)).toBeLessThan(250);
  });

  it("leaves the caller's buffer alone, and what it shares its memory with", async () => {
    const pool = Buffer.concat([Buffer.from('before'), readyOf(100_000), Buffer.from('after')]);
    const copy = Buffer.from(pool);
    const body = pool.subarray(6, -5);
    await expect(decoder().decode(message(body))).resolves.toMatchObject({ kind: 'reply' });
    expect(pool.equals(copy)).toBe(true);
  });

  it('decodes many at once, each its own', async () => {
    const decode = decoder({ inlineBytes: 0 });
    const bodies = Array.from({ length: 50 }, (_, index) => `status: ERROR\nerror: number ${index}\n`);
    const decoded = await Promise.all(bodies.map((body) => decode.decode(message(body))));
    const errors = decoded.map((each) => (each.kind === 'reply' ? each.reply.error : each.kind));
    expect(errors).toEqual(bodies.map((_, index) => `number ${index}`));
  });

  it('refuses what takes longer than the time limit, and goes on with the next', async () => {
    const decode = decoder({ timeLimitMs: 500 });
    await decode.decode(message(readyOf(20_000)));
    const [slow, next] = await Promise.all([
      decode.decode(message(readyOf(MAX_BODY_BYTES - 10_000))),
      decode.decode(message(readyOf(20_000))),
    ]);
    expect(slow).toEqual({ kind: 'refused', reason: 'decoding the body took longer than 500 ms' });
    expect(next).toMatchObject({ kind: 'reply' });
  });

  it('refuses what takes more memory than the thread has, and goes on with the next', async () => {
    const decode = decoder();
    const bodies = [`status: READY\nnsr: {a: [${'a,'.repeat(4_000_000)}]}`, readyOf(20_000)];
    const [large, next] = await Promise.all(bodies.map((body) => decode.decode(message(body))));
    expect(large).toEqual({ kind: 'refused', reason: 'decoding the body took too much memory or failed' });
    expect(next).toMatchObject({ kind: 'reply' });
  });

  it('rejects what is not decoded yet when it is closed', async () => {
    const decode = decoder();
    await decode.decode(message(readyOf(20_000)));
    const running = decode.decode(message(THREE_MEGABYTES));
    const waiting = decode.decode(message(readyOf(20_000)));
    const outcomes = Promise.allSettled([running, waiting]);
    await sleep(20);
    await decode.close();
    const later = decode.decode(message(THREE_MEGABYTES));
    for (const outcome of [...(await outcomes), ...(await Promise.allSettled([later]))]) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { message: 'the reply decoder is closed' },
      });
    }
  });

  it('closes while its thread starts', async () => {
    const decode = decoder();
    const starting = Promise.allSettled([decode.decode(message(THREE_MEGABYTES))]);
    await sleep(1);
    await decode.close();
    expect((await starting)[0]).toMatchObject({
      status: 'rejected',
      reason: { message: 'the reply decoder is closed' },
    });
  });
});

/** The longest time in ms that nothing else could run while the decoder worked on a large READY. */
async function holdsLoopFor(decode: ReplyDecoder): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const decoded = await decode.decode(message(THREE_MEGABYTES));
  delay.disable();
  expect(decoded).toMatchObject({ kind: 'reply', reply: { status: 'READY', recordsSummarised: true } });
  return delay.max / 1e6;
}
