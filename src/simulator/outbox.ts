/**
 * Sends replies, with the faults that rules inject.
 *
 * Invariants: a reply is in the ledger before it is on the bus. A reply that is lost by a rule is in the ledger
 * too. Late and repeated replies delay nothing else.
 */
import type { Lifetime } from './clock.js';
import type { Ledger, ReplyFate } from './ledger.js';
import type { AckBehaviour, FinalBehaviour, Plan, Rule } from './rules.js';
import { writeReply, type ManoRequest, type OutgoingMessage, type Reply } from './messages.js';

/** The bus from the view of the SLM. */
export interface ReplyChannel {
  isConnected(): boolean;
  publish(message: OutgoingMessage): void;
}

/** A request in progress, with the rules that apply to it. */
export interface Case {
  requestNumber: number;
  request: ManoRequest;
  plan: Plan;
}

interface Dispatch {
  reply: Reply;
  isFinal: boolean;
  newVnfUuid: string | null;
}

interface Fault {
  behaviour: AckBehaviour | FinalBehaviour;
  rule: Rule;
}

export class Outbox {
  readonly #life: Lifetime;
  readonly #ledger: Ledger;
  readonly #channel: ReplyChannel;

  constructor(deps: { life: Lifetime; ledger: Ledger; channel: ReplyChannel }) {
    this.#life = deps.life;
    this.#ledger = deps.ledger;
    this.#channel = deps.channel;
  }

  sendAck(current: Case, reply: Reply): void {
    this.#send(current, { dispatch: { reply, isFinal: false, newVnfUuid: null }, fault: current.plan.ack });
  }

  sendFinal(current: Case, { reply, newVnfUuid }: { reply: Reply; newVnfUuid: string | null }): void {
    this.#send(current, { dispatch: { reply, isFinal: true, newVnfUuid }, fault: current.plan.final });
  }

  #send(current: Case, { dispatch, fault }: { dispatch: Dispatch; fault: Fault | undefined }): void {
    const deliver = (): void => this.#deliver(current, dispatch);
    const delayMs = fault?.rule.delayMs ?? 0;
    switch (fault?.behaviour) {
      case 'ack-lost':
      case 'final-lost':
        this.#enter(current, { ...dispatch, fate: 'lost-by-rule' });
        return;
      case 'ack-late':
      case 'final-late':
        this.#life.after(delayMs, deliver);
        return;
      case 'duplicate-ack':
      case 'duplicate-final':
        deliver();
        for (let copy = 1; copy < fault.rule.copies; copy += 1) this.#life.after(copy * delayMs, deliver);
        return;
      case 'request-lost': // Such a request never causes a reply.
      case undefined:
        deliver();
    }
  }

  #deliver(current: Case, dispatch: Dispatch): void {
    const isConnected = this.#channel.isConnected();
    this.#enter(current, { ...dispatch, fate: isConnected ? 'published' : 'not-connected' });
    if (isConnected) this.#channel.publish(writeReply(dispatch.reply));
  }

  #enter({ request }: Case, dispatch: Dispatch & { fate: ReplyFate }): void {
    const { topic, correlationId, body } = dispatch.reply;
    this.#ledger.add({
      type: 'reply',
      fate: dispatch.fate,
      topic,
      correlationId: correlationId ?? null,
      status: body.status,
      error: body.error,
      isFinal: dispatch.isFinal,
      serviceInstanceUuid: request.fields['service_instance_uuid'] ?? null,
      vnfUuid: request.fields['vnf_uuid'] ?? null,
      newVnfUuid: dispatch.newVnfUuid,
    });
  }
}
