/**
 * Everything of the simulated MANO except its HTTP servers: the state that survives a restart of the SLM, and the
 * current SLM.
 *
 * Invariants: the world, the rules and the ledger survive a restart. Locks and workflows do not. If a ledger file
 * holds a world, that world is used, so that a MANO that is killed and restarted finds its repository as it was.
 * The ledger records every change from outside.
 */
import { randomUUID } from 'node:crypto';
import type { BrokerFiles } from '../settings/broker-tls-and-credentials.js';
import { MIGRATE_TOPIC, SLM_APP_ID } from '../mano/topics.js';
import { Adaptor } from './adaptor.js';
import { Bus } from './bus.js';
import { systemClock } from './clock.js';
import type { Controls } from './control.js';
import { Gatekeeper } from './gatekeeper.js';
import type { RepositoryState } from './request-checks.js';
import { Ledger, entriesOf } from './ledger.js';
import { seededRandom } from './random.js';
import { RuleBook, type RuleInput } from './rules.js';
import { DEFAULT_TIMINGS, Slm, type Timings } from './slm.js';
import { World } from './world.js';
import { generateWorld, worldSpecSchema, type WorldSpecInput } from './world-spec.js';

export interface SimulatorOptions {
  amqpUrl: string;
  /** Certificates and password, if they are in files. */
  amqpFiles?: BrokerFiles | undefined;
  /** Default: son-kernel. */
  exchange?: string;
  /** Default: ten generated services. */
  world?: WorldSpecInput;
  rules?: readonly RuleInput[];
  /** The file to which the ledger is appended. Without it the ledger is in memory only. */
  ledgerFile?: string;
  timings?: Partial<Timings>;
  /** The seed of all random values. Default: '1'. */
  seed?: string;
  /** Whether it reconnects after a lost connection. Default: it stays deaf, as the real MANO does. */
  reconnect?: boolean;
  /** The address that the repository listens on. Default: 127.0.0.1. */
  repositoryHost?: string;
  /** Default: any free port. */
  repositoryPort?: number;
  controlPort?: number;
  /** Whether there is also a Gatekeeper. Default: no. */
  gatekeeper?: boolean;
  gatekeeperPort?: number;
}

export const DEFAULT_SEED = '1';
export const DEFAULT_EXCHANGE = 'son-kernel';
export const DEFAULT_SERVICES = 10;

export class Core {
  readonly world = new World();
  readonly ledger: Ledger;
  readonly rules: RuleBook;
  readonly bus: Bus;
  readonly adaptor: Adaptor;
  /** Null where none was asked for. */
  readonly gatekeeper: Gatekeeper | null;
  repositoryState: RepositoryState = 'up';
  slm: Slm;
  readonly #seed: string;
  readonly #timings: Timings;
  readonly #random;

  constructor(options: SimulatorOptions) {
    this.#seed = options.seed ?? DEFAULT_SEED;
    this.#timings = { ...DEFAULT_TIMINGS, ...options.timings };
    this.#random = seededRandom(this.#seed);
    this.rules = new RuleBook(seededRandom(`${this.#seed}/rules`));
    this.ledger = new Ledger({ file: options.ledgerFile, nowMs: () => systemClock.nowMs() });
    this.bus = new Bus({
      amqpUrl: options.amqpUrl,
      amqpFiles: options.amqpFiles,
      exchange: options.exchange ?? DEFAULT_EXCHANGE,
      topic: MIGRATE_TOPIC,
      // Declared at each connection and gone with it: a request sent while the MANO is away is lost.
      queue: () => ({
        name: `${SLM_APP_ID}.${MIGRATE_TOPIC}.${randomUUID()}`,
        options: { durable: false, exclusive: true, autoDelete: true },
      }),
      isReconnecting: options.reconnect ?? false,
      onMessage: (message) => this.slm.receive(message),
    });
    const { amqpUrl, amqpFiles, exchange = DEFAULT_EXCHANGE } = options;
    this.adaptor = new Adaptor({
      amqpUrl,
      amqpFiles,
      exchange,
      vims: () => this.world.vims(),
      onRequest: ({ correlationId = null, appId = null }) =>
        this.ledger.add({ type: 'vim-list', correlationId, appId }),
    });
    this.gatekeeper = options.gatekeeper === true ? new Gatekeeper({ amqpUrl, amqpFiles, exchange }) : null;
    this.#prepareWorld(options);
    options.rules?.forEach((rule) => this.#addRule(rule));
    this.slm = this.#newSlm();
  }

  controls(): Controls {
    return {
      ledger: () => this.ledger.entries(),
      snapshot: () => ({
        ...this.world.snapshot(),
        busyServices: this.slm.busyServices(),
      }),
      addRule: (rule) => this.#addRule(rule),
      clearRules: () => {
        this.rules.clear();
        this.ledger.add({ type: 'control', action: 'rules-cleared', detail: null });
      },
      addToWorld: (spec) => this.#addToWorld(spec),
      setRepository: (state) => {
        this.repositoryState = state;
        this.ledger.add({ type: 'control', action: 'repository', detail: state });
      },
      setGatekeeper: (faults) => {
        if (this.gatekeeper === null) throw new Error('there is no Gatekeeper');
        this.gatekeeper.faults = faults;
      },
      setAdaptor: (faults) => {
        this.adaptor.faults = faults;
      },
      disconnect: () => this.#disconnect(),
      reconnect: () => this.#reconnect(),
      restart: () => this.#restart(),
    };
  }

  #prepareWorld({ world }: SimulatorOptions): void {
    const past = entriesOf(this.ledger.entries(), 'record');
    past.forEach(({ change, atMs }) => this.world.apply(change, atMs));
    this.ledger.add({ type: 'start', seed: this.#seed });
    if (past.length > 0) return;
    this.#addToWorld(world ?? generateWorld({ services: DEFAULT_SERVICES, seed: this.#seed }));
  }

  #addToWorld(input: WorldSpecInput): void {
    const spec = worldSpecSchema.parse(input);
    const taken = spec.services.filter(({ serviceInstanceUuid }) => this.world.nsr(serviceInstanceUuid));
    const vnfs = [...spec.services.flatMap((service) => service.vnfs), ...spec.orphans];
    const known = vnfs.filter(({ vnfUuid }) => this.world.vnfr(vnfUuid));
    const names = [
      ...taken.map((service) => service.serviceInstanceUuid),
      ...known.map((vnf) => vnf.vnfUuid),
    ];
    if (names.length > 0) throw new Error(`already in the world: ${names.join(', ')}`);
    const change = { change: 'added' as const, spec };
    this.ledger.add({ type: 'record', correlationId: null, change });
    this.world.apply(change, systemClock.nowMs());
  }

  #addRule(rule: RuleInput): void {
    const added = this.rules.add(rule);
    this.ledger.add({ type: 'rule', rule: added });
  }

  async #disconnect(): Promise<void> {
    this.ledger.add({ type: 'control', action: 'disconnect', detail: null });
    await this.bus.disconnect();
  }

  async #reconnect(): Promise<void> {
    this.ledger.add({ type: 'control', action: 'reconnect', detail: null });
    await this.bus.disconnect();
    await this.bus.connect();
  }

  /** Requests that the old life has consumed and not handled are lost. */
  async #restart(): Promise<void> {
    this.ledger.add({ type: 'control', action: 'restart', detail: null });
    this.slm.kill();
    await this.bus.disconnect();
    this.slm = this.#newSlm();
    await this.bus.connect();
  }

  #newSlm(): Slm {
    return new Slm({
      clock: systemClock,
      random: this.#random,
      seed: this.#seed,
      world: this.world,
      rules: this.rules,
      ledger: this.ledger,
      timings: this.#timings,
      channel: this.bus,
      repositoryState: () => this.repositoryState,
    });
  }
}
