/**
 * Answers a request with the events of a feed.
 *
 * Invariants: a client that does not read is let go of before its events fill the memory; a caller who may no longer read
 * is let go of within a quarter of a minute; an event `beat` now and then keeps proxies from closing a quiet stream, and tells a client that it lives.
 */
import { PassThrough } from 'node:stream';
import { createEventBuffer } from 'better-sse';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../problem.js';
import type { Feed } from './feed.js';

/** What one client may be behind. */
const MOST_BEHIND_BYTES = 8_388_608;
const KEEP_ALIVE_MS = 15_000;
/** What browsers wait before they come back. */
const COME_BACK_MS = 1_000;
/** Pages see no comments. Without an id, it changes nothing of where a client goes on. */
const BEAT = createEventBuffer().event('beat').data({}).dispatch().read();
/** Of one process, over all feeds. */
const MOST_STREAMS = 1_000;

export interface StreamOptions {
  feed: Feed;
  /** The last event that the client has seen; empty: none. */
  lastId: string;
  /** Asked now and then. */
  mayStay: () => boolean;
}

export class EventStreams {
  private count = 0;

  /** @throws Problem if too many are open */
  async open(reply: FastifyReply, { feed, lastId, mayStay }: StreamOptions): Promise<FastifyReply> {
    if (this.count >= MOST_STREAMS)
      throw new Problem('too-many', `there are ${MOST_STREAMS} event streams already`);
    const stream = new PassThrough();
    this.count += 1;
    // After its end a client that reads slowly still has the rest to come, and nothing may be added to that.
    const send = (text: string): void => {
      if (stream.writableEnded) return;
      if (stream.writableLength + stream.readableLength > MOST_BEHIND_BYTES) stream.destroy();
      else stream.write(text);
    };
    send(createEventBuffer().retry(COME_BACK_MS).comment().dispatch().read());
    const end = feed.watch({ send: ({ text }) => send(text), end: () => void stream.end() }, lastId);
    const timer = setInterval(() => {
      if (mayStay()) send(BEAT);
      else stream.destroy();
    }, KEEP_ALIVE_MS);
    timer.unref();
    stream.once('close', () => {
      clearInterval(timer);
      this.count -= 1;
      end();
    });
    return await reply
      .headers({
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      .send(stream);
  }
}

/** Browsers say it in a header; a client that opens a stream anew by itself, in the query. */
export function lastIdOf(
  request: FastifyRequest<{ Querystring: { lastEventId?: string | undefined } }>,
): string {
  const header = request.headers['last-event-id'];
  return (typeof header === 'string' ? header : undefined) ?? request.query.lastEventId ?? '';
}
