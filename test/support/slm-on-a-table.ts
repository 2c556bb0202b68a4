/** The simulated SLM without a bus and without real time: requests in, replies out. */
import { Ledger } from '../../src/simulator/ledger.js';
import { seededRandom } from '../../src/simulator/random.js';
import type { RepositoryState } from '../../src/simulator/request-checks.js';
import { RuleBook, type RuleInput } from '../../src/simulator/rules.js';
import { DEFAULT_TIMINGS, Slm, type Timings } from '../../src/simulator/slm.js';
import type { IncomingMessage, OutgoingMessage } from '../../src/simulator/messages.js';
import { World } from '../../src/simulator/world.js';
import { worldSpecSchema, type WorldSpecInput } from '../../src/simulator/world-spec.js';
import { VirtualClock } from './virtual-clock.js';

export interface SentReply extends OutgoingMessage {
  atMs: number;
}

export class SlmOnATable {
  readonly clock = new VirtualClock();
  readonly world = new World();
  readonly ledger = new Ledger({ nowMs: () => this.clock.nowMs() });
  readonly rules = new RuleBook(seededRandom('rules'));
  readonly sent: SentReply[] = [];
  repositoryState: RepositoryState = 'up';
  isConnected = true;
  slm: Slm;
  readonly #timings: Timings;
  readonly #startMs = this.clock.nowMs();

  constructor({
    world,
    rules = [],
    timings = {},
  }: {
    world: WorldSpecInput;
    rules?: readonly RuleInput[];
    timings?: Partial<Timings>;
  }) {
    this.#timings = { ...DEFAULT_TIMINGS, ...timings };
    const change = { change: 'added' as const, spec: worldSpecSchema.parse(world) };
    this.ledger.add({ type: 'record', correlationId: null, change });
    this.world.apply(change, this.clock.nowMs());
    rules.forEach((rule) => this.rules.add(rule));
    this.slm = this.#newSlm();
  }

  /** Milliseconds since the start. */
  nowMs(): number {
    return this.clock.nowMs() - this.#startMs;
  }

  receive(message: IncomingMessage): void {
    this.slm.receive(message);
  }

  ask(correlationId: string, fields: Record<string, unknown>): void {
    this.receive({
      routingKey: 'service.instance.migrate',
      appId: 'requester',
      correlationId,
      replyTo: 'service.instance.migrate',
      body: Buffer.from(JSON.stringify(fields)),
    });
  }

  crash(): void {
    this.slm.kill();
    this.slm = this.#newSlm();
  }

  #newSlm(): Slm {
    return new Slm({
      clock: this.clock,
      random: seededRandom('moves'),
      seed: 'test',
      world: this.world,
      rules: this.rules,
      ledger: this.ledger,
      timings: this.#timings,
      repositoryState: () => this.repositoryState,
      channel: {
        isConnected: () => this.isConnected,
        publish: (message) => this.sent.push({ ...message, atMs: this.nowMs() }),
      },
    });
  }
}
