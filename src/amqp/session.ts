/**
 * One connection to the broker, kept up: to one of its nodes, and to the next one when that is lost.
 *
 * Invariants:
 * S1 All or nothing: the loss of the connection, of any channel or of a consumer ends the session, and
 *    everything is rebuilt. No session is ever half open.
 * S2 Usable means set up: `current()` and `ready()` give what `setUp` made only after it has succeeded on a
 *    connection that is still up, and never after that connection's loss.
 * S3 Every step has a time limit: connecting, setting up, closing.
 * S4 It never gives up and never spins: turns.ts says which node is next, and after what pause.
 * S5 No credentials in any reason.
 *
 * amqplib's own `recovery` is not used: it leaves channels dead that the broker closed, does not notice a
 * cancelled consumer, and adopts a connection that was lost during set-up.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Channel, ConfirmChannel } from 'amqplib';
import type { Logger } from '../observability/logger.js';
import type { BrokerAccess } from '../settings/broker-tls-and-credentials.js';
import { Connection, withinLimit } from './connection.js';
import { causeOfLoss, classifyLoss, type Loss, type LossCause } from './connection-loss.js';
import { NodeRotation } from './node-rotation.js';

/** For logs, for metrics and for the broker's management page. */
export const SESSION_NAMES = {
  listener: 'vnf-migrator listener',
  parking: 'vnf-migrator parking',
  publisher: 'vnf-migrator publisher',
} as const;

const SET_UP_TIMEOUT_MS = 15_000;

/** What `setUp` builds on. */
export interface Link {
  channel(): Promise<Channel>;
  confirmChannel(): Promise<ConfirmChannel>;
  /** Ends the session, which is then rebuilt. */
  fail(error: Error): void;
}

export type SessionStatus =
  | { state: 'ready' }
  | { state: 'blocked'; reason: string }
  | { state: 'connecting'; loss: Loss | null }
  | { state: 'stopped' };

/** Called for each connection that was lost, or could not be opened, with the name of its session. */
export type OnLoss = (session: string, cause: LossCause) => void;

export interface SessionOptions<T> {
  /** For logs and for the broker's management page. */
  name: string;
  access: BrokerAccess;
  setUp: (link: Link) => Promise<T>;
  log: Logger;
  onLoss?: OnLoss | undefined;
  /** Default 15 s. */
  setUpTimeoutMs?: number;
}

export class Session<T> {
  private readonly stopping = new AbortController();
  private readonly turns: NodeRotation;
  private value: T | null = null;
  private connection: Connection | null = null;
  private loss: Loss | null = null;
  private blockedReason: string | null = null;
  private waiters: (() => void)[] = [];
  private running: Promise<void> | null = null;

  constructor(private readonly options: SessionOptions<T>) {
    this.turns = new NodeRotation(options.access.urls);
  }

  start(): void {
    this.running ??= this.run();
  }

  status(): SessionStatus {
    if (this.stopping.signal.aborted) return { state: 'stopped' };
    if (this.held() === null) return { state: 'connecting', loss: this.loss };
    if (this.blockedReason !== null) return { state: 'blocked', reason: this.blockedReason };
    return { state: 'ready' };
  }

  /** What `setUp` made; null while there is no session. */
  held(): T | null {
    return this.connection?.loss() === null ? this.value : null;
  }

  /** The same, but null as well while the broker accepts no publishes. */
  current(): T | null {
    return this.blockedReason === null ? this.held() : null;
  }

  /** Waits for `current()`. Rejects when `signal` is aborted or the session is stopped. */
  async ready(signal: AbortSignal): Promise<T> {
    for (;;) {
      signal.throwIfAborted();
      this.stopping.signal.throwIfAborted();
      const value = this.current();
      if (value !== null) return value;
      await this.changed(signal);
    }
  }

  /** Closes the socket without a word: what was in flight has an unknown end. */
  destroy(reason: string): void {
    this.connection?.destroy(new Error(reason));
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('the session was stopped'));
    this.notify();
    await this.connection?.close();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      const startedAtMs = Date.now();
      const { node } = this.turns.current();
      const error = await this.once();
      if (signal.aborted) return;
      const loss = classifyLoss(error);
      this.loss =
        this.options.access.urls.length === 1 ? loss : { ...loss, reason: `${node}: ${loss.reason}` };
      this.options.onLoss?.(this.options.name, causeOfLoss(error));
      const { pauseMs, isChange } = this.turns.lost(loss, { lastedMs: Date.now() - startedAtMs });
      // A repeated reason is not logged again.
      const level = isChange ? 'warn' : 'debug';
      this.options.log[level](
        { session: this.options.name, node, loss, retryInMs: pauseMs },
        'no connection to the broker',
      );
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One life of the session. Returns why it ended. */
  private async once(): Promise<Error> {
    const { access, name, setUp, setUpTimeoutMs = SET_UP_TIMEOUT_MS } = this.options;
    const { url } = this.turns.current();
    let connection: Connection | null = null;
    try {
      connection = await Connection.open({
        access: { url, files: access.files },
        name,
        signal: this.stopping.signal,
      });
      this.connection = connection;
      // Stopped just before there was a connection to close.
      this.stopping.signal.throwIfAborted();
      this.watchBlocking(connection);
      const { lost } = connection;
      const lostMeanwhile = lost.then((error) => Promise.reject(error));
      const value = await withinLimit(
        Promise.race([setUp(linkOf(connection)), lostMeanwhile]),
        setUpTimeoutMs,
      );
      // Both may have happened at once, and the race is won by either.
      const loss = connection.loss();
      if (loss !== null) return loss;
      this.open(value);
      return await lost;
    } catch (error) {
      // What was asked last only learns that there will be no answer; the loss knows why.
      return connection?.loss() ?? (error instanceof Error ? error : new Error(String(error)));
    } finally {
      connection?.destroy(new Error('the session is over'));
      this.value = null;
      this.connection = null;
      this.blockedReason = null;
      this.notify();
    }
  }

  private open(value: T): void {
    this.value = value;
    this.loss = null;
    const { node } = this.turns.current();
    this.turns.connected();
    this.notify();
    this.options.log.info({ session: this.options.name, node }, 'connected to the broker');
  }

  private watchBlocking({ model }: Connection): void {
    model.on('blocked', (reason: string) => {
      this.blockedReason = reason;
      this.options.log.warn(
        { session: this.options.name, reason },
        'the broker accepts no publishes for now',
      );
      this.notify();
    });
    model.on('unblocked', () => {
      this.blockedReason = null;
      this.notify();
    });
  }

  private notify(): void {
    const waiting = this.waiters;
    this.waiters = [];
    for (const wake of waiting) wake();
  }

  private changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.waiters.push(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

function linkOf(connection: Connection): Link {
  const { model } = connection;
  const fail = (error: Error): void => connection.destroy(error);
  const guard = <C extends Channel>(channel: C): C => {
    channel.on('error', fail);
    // A connection that ends closes its channels first, and says why right after.
    channel.on('close', () => queueMicrotask(() => fail(new Error('the broker closed a channel'))));
    return channel;
  };
  return {
    channel: async () => guard(await model.createChannel()),
    confirmChannel: async () => guard(await model.createConfirmChannel()),
    fail,
  };
}
