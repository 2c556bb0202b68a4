/**
 * Publishes requests for the MANO.
 *
 * Invariants:
 * P1 A message is written at most once. The outcome is reported truthfully: confirmed, certainly not sent, or
 *    perhaps.
 * P2 "Perhaps" is said only after the socket is destroyed, so that nothing of it can leave any more.
 * P3 Nothing is written while the broker is blocked, nor after `mayWrite` says no, which is asked right
 *    before the write.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ConfirmChannel, Message, Options } from 'amqplib';
import type { BrokerSettings } from '../settings/config.js';
import type { Logger } from '../observability/logger.js';
import { MIGRATE_TOPIC } from '../mano/topics.js';
import { publishSpan } from '../tracing/messaging.js';
import { inSpan } from '../tracing/tracing.js';
import { classifyLoss } from './connection-loss.js';
import { isRefusedPublish } from './permissions.js';
import { Session, SESSION_NAMES, type Link, type OnLoss, type SessionStatus } from './session.js';
import { declareExchange } from './topology.js';

export interface OutgoingRequest {
  body: Buffer;
  correlationId: string;
  /** After it the broker drops the request if no consumer has taken it. */
  expirationMs: number;
  /** How long to look for a connection on which the request can be written. */
  timeoutMs: number;
  /** False once Temporal may have given this publish up. */
  mayWrite: () => Promise<boolean>;
  signal: AbortSignal;
}

export type PublishResult =
  { sent: 'confirmed' } | { sent: 'perhaps'; reason: string } | { sent: 'not-sent'; reason: string };

const CONFIRM_TIMEOUT_MS = 10_000;
const RETURNED_RETRY_MS = 500;

interface Outlet {
  channel: ConfirmChannel;
  /** Correlation ids of messages that the broker returned because no queue is bound. */
  returned: Set<string>;
  /** Written, and neither confirmed nor given up. */
  underWay: number;
  /** What the broker refused when it closed the channel. */
  refusal: { reason: string; isCertain: boolean } | null;
}

export interface PublisherOptions {
  broker: BrokerSettings;
  deployment: string;
  log: Logger;
  /** Default 10 s. */
  confirmTimeoutMs?: number;
  onLoss?: OnLoss | undefined;
}

export class Publisher {
  private readonly session: Session<Outlet>;

  constructor(private readonly options: PublisherOptions) {
    this.session = new Session({
      name: SESSION_NAMES.publisher,
      access: options.broker,
      setUp: (link) => this.setUp(link),
      log: options.log,
      onLoss: options.onLoss,
    });
  }

  start(): void {
    this.session.start();
  }

  status(): SessionStatus {
    return this.session.status();
  }

  stop(): Promise<void> {
    return this.session.stop();
  }

  /** Writes the request once, on the first connection that takes it within `timeoutMs`. Never throws. */
  async publish(request: OutgoingRequest): Promise<PublishResult> {
    const { exchange } = this.options.broker;
    const { correlationId, body } = request;
    const spec = publishSpan({ exchange, topic: MIGRATE_TOPIC, correlationId, bodyBytes: body.byteLength });
    return await inSpan(spec, async (span) => {
      const result = await this.publishInTime(request);
      if (result.sent !== 'confirmed') span.fail(result.sent);
      return result;
    });
  }

  private async publishInTime(request: OutgoingRequest): Promise<PublishResult> {
    // Not AbortSignal.any and .timeout: Node 20 forgets such a signal when its sources are collected as garbage.
    const limit = new AbortController();
    const end = (): void => limit.abort();
    const timer = setTimeout(end, request.timeoutMs);
    request.signal.addEventListener('abort', end, { once: true });
    if (request.signal.aborted) end();
    try {
      return await this.publishWithin(limit.signal, request);
    } finally {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', end);
    }
  }

  private async publishWithin(limit: AbortSignal, request: OutgoingRequest): Promise<PublishResult> {
    let reason = 'no connection to the broker';
    for (;;) {
      const outlet = await this.session.ready(limit).catch(() => null);
      if (outlet === null) return { sent: 'not-sent', reason: this.whyNot(reason) };
      if (!(await request.mayWrite()))
        return { sent: 'not-sent', reason: 'this publish may have been given up' };
      const result = await this.writeOnce(outlet, request);
      if (result.sent !== 'not-sent') return result;
      reason = result.reason;
      await delay(RETURNED_RETRY_MS, undefined, { signal: limit }).catch(() => undefined);
    }
  }

  private async setUp(link: Link): Promise<Outlet> {
    const channel = await link.confirmChannel();
    const returned = new Set<string>();
    channel.on('return', (message: Message) => {
      returned.add(String(message.properties.correlationId));
    });
    const outlet: Outlet = { channel, returned, underWay: 0, refusal: null };
    channel.on('error', (error) => {
      // Of several it may be any, and those before it may have been passed on.
      if (isRefusedPublish(error)) {
        outlet.refusal = { reason: classifyLoss(error).reason, isCertain: outlet.underWay === 1 };
      }
    });
    const { broker, deployment } = this.options;
    await declareExchange(channel, { exchange: broker.exchange, deployment });
    return outlet;
  }

  private async writeOnce(outlet: Outlet, request: OutgoingRequest): Promise<PublishResult> {
    const { correlationId } = request;
    const { confirmTimeoutMs = CONFIRM_TIMEOUT_MS } = this.options;
    const timer = new AbortController();
    const late = delay(confirmTimeoutMs, null, { signal: timer.signal }).catch(() => null);
    const result = await Promise.race([this.write(outlet, request), late]);
    timer.abort();
    // The broker gives a message back before it confirms it.
    if (outlet.returned.delete(correlationId))
      return { sent: 'not-sent', reason: 'nobody listens on the topic' };
    if (result !== null) return result;
    this.session.destroy('no confirm in time');
    return { sent: 'perhaps', reason: `no confirm within ${String(confirmTimeoutMs)} ms` };
  }

  private write(outlet: Outlet, request: OutgoingRequest): Promise<PublishResult> {
    const { exchange, appId } = this.options.broker;
    const properties: Options.Publish = {
      appId,
      correlationId: request.correlationId,
      replyTo: MIGRATE_TOPIC,
      contentType: 'application/x-yaml',
      expiration: Math.round(request.expirationMs),
      mandatory: true,
    };
    return new Promise((resolve) => {
      const settle = (error: unknown): void => {
        outlet.underWay -= 1;
        resolve(error === null ? { sent: 'confirmed' } : unconfirmed(outlet, error));
      };
      try {
        outlet.channel.publish(exchange, MIGRATE_TOPIC, request.body, properties, settle);
        outlet.underWay += 1;
      } catch (error) {
        // Thrown before the first byte: the channel is closing, or the message cannot be encoded.
        resolve({ sent: 'not-sent', reason: textOf(error) });
      }
    });
  }

  private whyNot(reason: string): string {
    const status = this.session.status();
    switch (status.state) {
      case 'connecting':
        return status.loss?.reason ?? reason;
      case 'blocked':
        return `the broker accepts no publishes: ${status.reason}`;
      case 'ready':
      case 'stopped':
        return reason;
    }
  }
}

/** The channel is closed. */
function unconfirmed({ refusal }: Outlet, error: unknown): PublishResult {
  const sent = refusal?.isCertain === true ? 'not-sent' : 'perhaps';
  return { sent, reason: refusal?.reason ?? textOf(error) };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
