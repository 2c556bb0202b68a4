/**
 * Turns the MANO's replies into signals.
 *
 * Invariants:
 * R1 Stateless: the correlation id alone determines the workflow of a reply.
 * R2 A message is settled only after Temporal has the signal, or the parked queue has the message.
 * R3 Foreign messages and our own echo are dropped before anything in them is parsed, and counted; what names us and
 *    comes from an untrusted sender is parked unread.
 * R4 What is ours and cannot be delivered is parked, with the reason; while Temporal cannot take it, it is
 *    held, and given back before the broker's own patience ends.
 * R5 A flood changes nothing: what repeats what its workflow was told, or answers no request of it, is counted and
 *    dropped. A listener that has forgotten what it told tells it again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, Park, Settlement } from '../amqp/consumer.js';
import type { Logger } from '../observability/logger.js';
import { MAX_BODY_BYTES, type DecodedReply, type ReceivedMessage } from '../mano/reply.js';
import { parseCorrelationId } from '../shared/correlation-id.js';
import { replyKind } from '../shared/mano/reply-kind.js';
import type { ManoReply } from '../shared/mano/reply.js';
import { Crowds, type AskNonces } from './crowds.js';
import { noFates, type DeliveryOutcome, type FateCounts } from './delivery-outcomes.js';
import { processSpan } from '../tracing/messaging.js';
import { inSpan, type Span } from '../tracing/tracing.js';
import type { FindTrace } from './find-trace.js';
import { FirstReplies } from './first-replies.js';
import { RepliesTold } from './replies-told.js';
import type { Signalled, SignalWorkflow } from './signal-workflow.js';

export interface ReplyListenerOptions {
  deployment: string;
  /** Our own app_id: what carries it is our own request. */
  appId: string;
  /** Whose replies are believed; null: anybody's. */
  manoAppIds?: readonly string[] | null;
  decode: (message: ReceivedMessage) => Promise<DecodedReply>;
  signalWorkflow: SignalWorkflow;
  askNonces: AskNonces;
  /** Where replies have a span: the trace of each, and the names of what it came from. */
  traces?: { find: FindTrace; exchange: string; queue: string } | null;
  /** Called with the outcome of each message, and the milliseconds it took. */
  observe?: (fate: DeliveryOutcome, tookMs: number) => void;
  /** Called for a first reply to a request that had one already. */
  onSecondReply?: () => void;
  log: Logger;
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 1_000;
/**
 * Then it goes back to the queue: another listener may reach Temporal where this one cannot, and the broker
 * closes a channel that holds a delivery for 30 minutes.
 */
const HOLD_AT_MOST_MS = 60_000;
/** Of a body that is larger than any reply: enough to see what it is. Copying all of it would hold everybody up. */
const KEPT_OF_OVERSIZED_BYTES = 64 * 1024;
/** Of replies to one request that nobody can read: each may hold something else. */
const UNREADABLE_TO_KEEP = 10;
/** One decides; the others show in `status` that somebody else answers, too. */
const REPLIES_OF_A_KIND = 3;

export class ReplyListener {
  readonly fates: FateCounts = noFates();
  /** Why deliveries are held; null while Temporal takes them. */
  private heldBecause: string | null = null;
  private readonly firstReplies = new FirstReplies();
  private readonly told = new RepliesTold();
  private readonly crowds: Crowds;

  constructor(private readonly options: ReplyListenerOptions) {
    this.crowds = new Crowds({ ask: options.askNonces });
  }

  /** Null while Temporal accepts signals. */
  trouble(): string | null {
    return this.heldBecause;
  }

  /** The consumer's handler. */
  readonly handle = async (delivery: Delivery, park: Park): Promise<Settlement> => {
    const fate = await this.fateOf(delivery, park).catch((error: unknown) => {
      this.count('requeued', delivery);
      throw error;
    });
    this.count(fate, delivery);
    return fate === 'requeued' ? 'requeue' : 'ack';
  };

  private count(fate: DeliveryOutcome, { receivedAt }: Delivery): void {
    this.fates[fate] += 1;
    this.options.observe?.(fate, Date.now() - receivedAt.getTime());
  }

  private async fateOf(delivery: Delivery, park: Park): Promise<DeliveryOutcome> {
    const { correlationId, appId } = delivery;
    const parts = parseCorrelationId(correlationId);
    if (parts?.deployment !== this.options.deployment) return 'foreign';
    if (appId === this.options.appId) return 'own-echo';
    const task = { delivery, park, workflowId: parts.workflowId };
    if ((await this.crowds.membership(parts)) === 'own') {
      return await this.traced(task, () => this.fateOfOwn(task));
    }
    this.options.log.debug({ correlationId }, 'dropped a reply to no request of its workflow');
    return 'unasked';
  }

  /** What is not ours has no span. */
  private async traced(
    { delivery, workflowId }: Pick<Undecoded, 'delivery' | 'workflowId'>,
    work: () => Promise<DeliveryOutcome>,
  ): Promise<DeliveryOutcome> {
    const { traces = null } = this.options;
    if (traces === null) return await work();
    const { correlationId, topic, body } = delivery;
    const { exchange, queue } = traces;
    const parent = await traces.find({ workflowId, correlationId });
    const message = { exchange, queue, topic, correlationId, workflowId, bodyBytes: body.byteLength };
    return await inSpan({ ...processSpan(message), parent }, async (span: Span) => {
      const fate = await work();
      span.set({ 'vnfm.fate': fate });
      if (fate === 'parked' || fate === 'requeued') span.fail(fate);
      return fate;
    });
  }

  private async fateOfOwn(task: Undecoded): Promise<DeliveryOutcome> {
    const { body, correlationId, appId, topic, receivedAt: received } = task.delivery;
    const { manoAppIds = null } = this.options;
    if (manoAppIds !== null && !manoAppIds.includes(appId)) {
      const reason = 'its app_id is none of AMQP_MANO_APP_IDS';
      return await this.parkSome({ ...task, kind: 'untrusted', reason });
    }
    const receivedAt = received.toISOString();
    const decoded = await this.options.decode({ body, correlationId, topic, appId, receivedAt });
    switch (decoded.kind) {
      case 'refused':
        return await this.parkSome({ ...task, kind: 'unreadable', reason: decoded.reason });
      case 'unknown-status': {
        const telling = { correlationId, kind: 'unknown-status', times: UNREADABLE_TO_KEEP };
        const { status } = decoded;
        return await this.told.once(telling, () => Promise.resolve(this.dropUnknown(task, status)));
      }
      case 'reply': {
        const { reply } = decoded;
        const telling = { correlationId, kind: replyKind(reply), times: REPLIES_OF_A_KIND };
        return await this.told.once(telling, () => {
          this.watchForSecond(reply, task.delivery);
          return this.deliver({ ...task, reply });
        });
      }
    }
  }

  private watchForSecond(
    { isFinal, status }: ManoReply,
    { correlationId, isRedelivered }: Pick<Delivery, 'correlationId' | 'isRedelivered'>,
  ): void {
    if (isFinal || !this.firstReplies.isSecond({ correlationId, isRedelivered })) return;
    this.options.onSecondReply?.();
    const { workflowId } = parseCorrelationId(correlationId) ?? {};
    this.options.log.warn(
      { workflowId, correlationId, status },
      'a request was answered twice: are there two MANOs?',
    );
  }

  private dropUnknown({ workflowId, delivery }: Undecoded, status: string): DeliveryOutcome {
    const { correlationId } = delivery;
    this.options.log.warn({ workflowId, correlationId, status }, 'dropped a reply of unknown status');
    return 'unknown-status';
  }

  private async parkSome({
    kind,
    ...task
  }: Undecoded & { kind: string; reason: string }): Promise<DeliveryOutcome> {
    const { correlationId } = task.delivery;
    return await this.told.once({ correlationId, kind, times: UNREADABLE_TO_KEEP }, () => this.park(task));
  }

  private async deliver(task: DeliveryTask): Promise<DeliveryOutcome> {
    const signalled = await this.signalUntilTaken(task);
    const { workflowId, reply } = task;
    const subject = { workflowId, correlationId: reply.correlationId };
    switch (signalled.kind) {
      case 'accepted':
        this.options.log.debug({ ...subject, status: reply.status }, 'signalled');
        return 'signalled';
      case 'later':
        return 'requeued';
      case 'refused':
        return await this.park({ ...task, reason: `Temporal refused the signal: ${signalled.reason}` });
      case 'closed': {
        if (!couldChangeOutcome(reply, signalled.status)) {
          this.options.log.debug(
            { ...subject, status: signalled.status },
            'dropped a reply to a finished migration',
          );
          return 'late';
        }
        const reason = `the migration was closed already (${signalled.status.toLowerCase()})`;
        return await this.park({ ...task, reason });
      }
    }
  }

  /** Holds the delivery while Temporal cannot take it. */
  private async signalUntilTaken({ delivery, workflowId, reply }: DeliveryTask): Promise<Signalled> {
    const { body, signal, receivedAt } = delivery;
    let waitMs = FIRST_RETRY_MS;
    for (;;) {
      const signalled = await this.options.signalWorkflow({ workflowId, reply, body });
      this.noteTrouble(signalled.kind === 'later' ? signalled.reason : null);
      const heldMs = Date.now() - receivedAt.getTime();
      if (signalled.kind !== 'later' || signal.aborted || heldMs > HOLD_AT_MOST_MS) return signalled;
      const { correlationId } = reply;
      this.options.log.debug({ workflowId, correlationId, reason: signalled.reason }, 'holding a reply');
      await delay(waitMs * (1 + Math.random() / 4), undefined, { signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
    }
  }

  /** One line for an outage, not one for each reply that waits for its end. */
  private noteTrouble(reason: string | null): void {
    const before = this.heldBecause;
    this.heldBecause = reason;
    if (reason !== null && before === null) {
      this.options.log.warn({ reason }, 'Temporal accepts no signals; holding replies');
    }
    if (reason === null && before !== null) this.options.log.info('Temporal accepts signals again');
  }

  private async park({
    delivery,
    park,
    workflowId,
    reason,
  }: Undecoded & { reason: string }): Promise<DeliveryOutcome> {
    const { body, correlationId, appId, topic, receivedAt } = delivery;
    this.options.log.warn({ workflowId, correlationId, topic, reason }, 'parked a reply');
    await park({
      body: body.byteLength > MAX_BODY_BYTES ? body.subarray(0, KEPT_OF_OVERSIZED_BYTES) : body,
      properties: {
        correlationId,
        appId,
        timestamp: Math.floor(receivedAt.getTime() / 1_000),
        headers: {
          'x-vnfm-topic': topic,
          'x-vnfm-reason': reason,
          'x-vnfm-received-at': receivedAt.toISOString(),
        },
      },
    });
    return 'parked';
  }
}

interface Undecoded {
  delivery: Delivery;
  park: Park;
  workflowId: string;
}

interface DeliveryTask extends Undecoded {
  reply: ManoReply;
}

/** A final, for a migration that ended without a happy answer. */
function couldChangeOutcome(reply: ManoReply, status: string): boolean {
  return reply.isFinal && status !== 'COMPLETED';
}
