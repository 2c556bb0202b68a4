/**
 * The simulated Service Lifecycle Manager: one life of it, from start to crash.
 *
 * Invariants: requests are handled one after another, and a slow one delays all behind it. The SLM reads the app_id
 * of a message only to ignore its own messages, and never reads reply_to. Its locks and its workflows end with this
 * life, because the SLM does not know them after a crash.
 */
import { MIGRATE_TOPIC, SLM_APP_ID } from '../mano/topics.js';
import { Lifetime, type Clock } from './clock.js';
import { judge, type RepositoryState, type Verdict } from './request-checks.js';
import type { Decision, Ledger, RequestFacts } from './ledger.js';
import { Outbox, type Case, type ReplyChannel } from './outbox.js';
import type { Random } from './random.js';
import type { RuleBook } from './rules.js';
import { readRequest, type ErrorValue, type IncomingMessage, type ReplyBody } from './messages.js';
import { Workflows, type WorkflowTimings } from './workflows.js';
import type { World } from './world.js';

export interface Timings extends WorkflowTimings {
  /** The time to handle one request, up to its first reply. */
  ackDelayMs: number;
  /** The time that the SLM waits for a repository that hangs. */
  repositoryTimeoutMs: number;
}

export const DEFAULT_TIMINGS: Timings = {
  ackDelayMs: 5,
  migrationMs: { min: 200, max: 400 },
  lockReleaseMs: 20,
  repositoryTimeoutMs: 60_000,
};

export interface SlmDependencies {
  clock: Clock;
  random: Random;
  seed: string;
  world: World;
  rules: RuleBook;
  ledger: Ledger;
  timings: Timings;
  channel: ReplyChannel;
  repositoryState: () => RepositoryState;
}

export class Slm {
  readonly #deps: SlmDependencies;
  readonly #life: Lifetime;
  readonly #outbox: Outbox;
  readonly #workflows: Workflows;
  readonly #inbox: Case[] = [];
  #isHandling = false;

  constructor(deps: SlmDependencies) {
    this.#deps = deps;
    this.#life = new Lifetime(deps.clock);
    this.#outbox = new Outbox({ ...deps, life: this.#life });
    this.#workflows = new Workflows({ ...deps, life: this.#life, outbox: this.#outbox });
  }

  busyServices(): string[] {
    return this.#workflows.busyServices();
  }

  /** Ends this life: work in progress never completes. */
  kill(): void {
    this.#life.end();
  }

  receive(message: IncomingMessage): void {
    if (this.#life.isOver || message.appId === SLM_APP_ID) return;
    const { ledger, rules } = this.#deps;
    const request = readRequest(message);
    const current = { requestNumber: ledger.nextRequestNumber(), request, plan: rules.planFor(request) };
    ledger.add({ type: 'request', ...factsOf(current) });
    this.#inbox.push(current);
    this.#handleNext();
  }

  #handleNext(): void {
    if (this.#isHandling) return;
    const next = this.#inbox.shift();
    if (next === undefined) return;
    this.#isHandling = true;
    this.#life.after(this.#deps.timings.ackDelayMs, () => this.#handle(next));
  }

  #handle(current: Case): void {
    const verdict = this.#judge(current);
    if (verdict.verdict !== 'repository-hangs') {
      this.#carryOut(current, verdict);
      return;
    }
    const timeoutMs = current.plan.repository?.rule.delayMs ?? this.#deps.timings.repositoryTimeoutMs;
    this.#life.after(timeoutMs, () => this.#carryOut(current, { verdict: 'rejected', error: verdict.error }));
  }

  #judge({ request, plan }: Case): Verdict {
    const { world, repositoryState } = this.#deps;
    return judge({
      request,
      plan,
      repository: repositoryState(),
      isBusy: (serviceInstanceUuid) => this.#workflows.isBusy(serviceInstanceUuid),
      vnfr: (vnfUuid) => world.vnfr(vnfUuid),
    });
  }

  #carryOut(current: Case, verdict: Exclude<Verdict, { verdict: 'repository-hangs' }>): void {
    switch (verdict.verdict) {
      case 'lost':
      case 'silence':
        this.#enter(current, { decision: verdict.verdict, error: null });
        break;
      case 'rejected':
        this.#enter(current, { decision: 'rejected', error: verdict.error });
        this.#sendAck(current, { status: 'ERROR', error: verdict.error });
        break;
      case 'accepted':
        this.#enter(current, { decision: 'accepted', error: null });
        this.#sendAck(current, { status: 'MIGRATING', error: null });
        this.#workflows.start(current, verdict.task);
    }
    this.#isHandling = false;
    this.#handleNext();
  }

  #enter(current: Case, outcome: { decision: Decision; error: ErrorValue | null }): void {
    this.#deps.ledger.add({ type: 'decision', ...outcome, ...factsOf(current) });
  }

  #sendAck(current: Case, body: ReplyBody): void {
    // An empty correlation id counts as absent, and is not echoed.
    const correlationId = current.request.correlationId === '' ? undefined : current.request.correlationId;
    this.#outbox.sendAck(current, { topic: MIGRATE_TOPIC, correlationId, body });
  }
}

function factsOf({ requestNumber, request }: Case): RequestFacts {
  return {
    requestNumber,
    kind: request.kind,
    correlationId: request.correlationId ?? null,
    appId: request.appId ?? null,
    replyTo: request.replyTo ?? null,
    serviceInstanceUuid: request.fields['service_instance_uuid'] ?? null,
    vnfUuid: request.fields['vnf_uuid'] ?? null,
    vimUuid: request.fields['vim_uuid'] ?? null,
  };
}
