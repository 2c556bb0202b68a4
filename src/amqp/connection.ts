/**
 * One connection to the broker.
 *
 * Invariants: opening and closing have time limits; destroying it closes the socket at once and without a
 * word; its loss is known immediately, reported once, and never ends the process.
 */
import type { Abortable } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type ChannelModel, type SocketOptions } from 'amqplib';
import type { NodeAccess } from '../settings/broker-tls-and-credentials.js';
import { connectArguments } from './connect-options.js';

const CONNECT_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 3_000;

export interface ConnectionOptions {
  access: NodeAccess;
  /** For the broker's management page. */
  name?: string;
  /** Gives the opening up; without a meaning once it is open. */
  signal?: AbortSignal;
}

export class Connection {
  /** Resolves with the reason when it is lost, or closed. */
  readonly lost: Promise<Error>;
  private lossReason: Error | null = null;
  /** What the connection itself said first. */
  private firstError: Error | null = null;

  /** `line` holds the socket: when it is aborted, the socket is destroyed. */
  private constructor(
    readonly model: ChannelModel,
    private readonly line: AbortController,
  ) {
    model.on('error', (error) => {
      this.firstError ??= error;
    });
    this.lost = new Promise((resolve) => {
      model.on('close', (error?: Error) => {
        const told =
          this.lossReason ?? this.firstError ?? error ?? new Error('the broker closed the connection');
        this.lossReason = told;
        resolve(told);
      });
    });
  }

  static async open({ access, name, signal }: ConnectionOptions): Promise<Connection> {
    signal?.throwIfAborted();
    const line = new AbortController();
    const giveUp = (): void => line.abort(signal?.reason);
    signal?.addEventListener('abort', giveUp, { once: true });
    // amqplib's own limit is on silence, so that a peer that trickles could hold us for ever.
    const timer = setTimeout(() => line.abort(notInTime(CONNECT_TIMEOUT_MS)), CONNECT_TIMEOUT_MS);
    const common: SocketOptions & Abortable = {
      noDelay: true,
      keepAlive: true,
      signal: line.signal,
      ...(name === undefined ? {} : { clientProperties: { connection_name: name } }),
    };
    try {
      const [options, socketOptions] = connectArguments(access);
      return new Connection(await connect(options, { ...common, ...socketOptions }), line);
    } catch (error) {
      throw line.signal.aborted ? line.signal.reason : error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Why it is lost; null while it is up. */
  loss(): Error | null {
    return this.lossReason;
  }

  /** Closes the socket without a word: what was in flight has an unknown end. */
  destroy(reason: Error): void {
    this.lossReason ??= this.firstError ?? reason;
    this.line.abort(reason);
  }

  /** Closes it as the protocol wants it; a silent broker is not waited for. */
  async close(): Promise<void> {
    // Lost meanwhile, it will not be answered.
    await withinLimit(Promise.race([this.model.close(), this.lost]), CLOSE_TIMEOUT_MS).catch(
      (error: unknown) => {
        this.destroy(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }
}

export async function withinLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const timer = new AbortController();
  const late = delay(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw notInTime(limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}

function notInTime(limitMs: number): Error {
  return new Error(`the broker did not answer within ${String(limitMs)} ms`);
}
