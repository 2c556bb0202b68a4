/**
 * The simulated MANO as a separate process. Its ledger is the oracle: it records the requests that the MANO
 * received, and what the MANO did.
 *
 * Invariants: its world is generated from its own seed, so that no two of them know the same VNF. After a kill and
 * a restart it has its records and its ports, and knows nothing of the work in progress.
 */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  entriesOf,
  generateWorld,
  readLedger,
  type LedgerEntry,
  type RuleInput,
  type WorldSnapshot,
  type WorldSpec,
} from '../../src/simulator/index.js';
import { startCli, type Running } from './cli.js';
import { lineOf } from './processes.js';

export interface ManoOptions {
  amqpUrl: string;
  /** Default: its own exchange. */
  exchange?: string;
  /** The number of services, with two VNFs each. Default 20. */
  services?: number;
  /** The duration of a move in milliseconds. Default 300. */
  migrationMs?: number;
  /** The time to handle one request, in milliseconds. */
  ackDelayMs?: number;
  /** Whether it reconnects after a lost connection, which the real one does not. */
  reconnect?: boolean;
  /** Settings in addition to those of the bus. */
  settings?: Record<string, string>;
  /** The seed of another MANO gives the same world, as for a second MANO on the bus. */
  seed?: string;
}

/** The VNF to move, and its target. */
export interface VnfIds {
  serviceInstanceUuid: string;
  vnfUuid: string;
  vimUuid: string;
}

interface Parts {
  folder: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

interface Ports {
  repositoryUrl: string;
  controlUrl: string;
}

export class ManoProcess {
  private taken = 0;
  private read: { bytes: number; entries: LedgerEntry[] } = { bytes: 0, entries: [] };

  private constructor(
    readonly exchange: string,
    readonly seed: string,
    private readonly spec: WorldSpec,
    private readonly parts: Parts,
    private running: Running,
    private readonly ports: Ports,
  ) {}

  static async start(options: ManoOptions): Promise<ManoProcess> {
    const seed = options.seed ?? randomUUID();
    const { services = 20, migrationMs = 300, ackDelayMs = 5, exchange = `son-kernel-${seed}` } = options;
    const folder = await mkdtemp(join(tmpdir(), 'vnf-migrator-mano-'));
    const args = [
      ...['simulate', '--json', '--seed', seed, '--services', `${services}`],
      ...['--ledger', join(folder, 'ledger.jsonl'), '--migration-ms', `${migrationMs}`],
      ...['--ack-delay-ms', `${ackDelayMs}`, ...(options.reconnect === true ? ['--reconnect'] : [])],
    ];
    const env = { AMQP_URL: options.amqpUrl, AMQP_EXCHANGE: exchange, ...options.settings };
    const running = startCli(args, env);
    const ports = await readyPorts(running);
    const spec = generateWorld({ services, seed });
    return new ManoProcess(exchange, seed, spec, { folder, args, env }, running, ports);
  }

  get repositoryUrl(): string {
    return this.ports.repositoryUrl;
  }

  get pid(): number {
    return this.running.child.pid!;
  }

  /** Returns a VNF that no test has used, of a service that no test has used. Both are on the first VIM. */
  take(): VnfIds {
    const service = this.spec.services[this.taken];
    if (service === undefined) throw new Error('no service is left: give the MANO more of them');
    this.taken += 1;
    const { serviceInstanceUuid, vnfs } = service;
    return { serviceInstanceUuid, vnfUuid: vnfs[0]!.vnfUuid, vimUuid: this.spec.vims[1]! };
  }

  /** Reads the file again only if it has grown, because a waiting test polls often. */
  ledger(): readonly LedgerEntry[] {
    const file = join(this.parts.folder, 'ledger.jsonl');
    const bytes = statSync(file).size;
    if (bytes !== this.read.bytes) this.read = { bytes, entries: readLedger(file) };
    return this.read.entries;
  }

  /** Our requests that it consumed, oldest first. Requests of other senders are left out. */
  requests({ serviceInstanceUuid }: Pick<VnfIds, 'serviceInstanceUuid'>, kind: 'migration' | 'probe') {
    return entriesOf(this.ledger(), 'request').filter(
      (request) =>
        request.kind === kind &&
        request.serviceInstanceUuid === serviceInstanceUuid &&
        request.appId === 'vnf-migrator',
    );
  }

  /** The moves that it began for a service. */
  moves({ serviceInstanceUuid }: Pick<VnfIds, 'serviceInstanceUuid'>) {
    return entriesOf(this.ledger(), 'decision').filter(
      (decision) => decision.decision === 'accepted' && decision.serviceInstanceUuid === serviceInstanceUuid,
    );
  }

  /** Its replies about a VNF that were published. */
  replies({ vnfUuid }: Pick<VnfIds, 'vnfUuid'>) {
    return entriesOf(this.ledger(), 'reply').filter(
      (reply) => reply.fate === 'published' && reply.vnfUuid === vnfUuid,
    );
  }

  async addRules(...rules: RuleInput[]): Promise<void> {
    await this.control('POST', 'rules', rules);
  }

  /** The VIMs with their names, as it lists them. */
  vims(): WorldSpec['vimFacts'] {
    return this.spec.vimFacts;
  }

  async world(): Promise<WorldSnapshot> {
    return (await (await this.control('GET', 'world')).json()) as WorldSnapshot;
  }

  freeze(): void {
    this.running.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.running.child.kill('SIGCONT');
  }

  /** Kills it with SIGKILL, and starts it again on the same ports. It knows the records and nothing else. */
  async restart(): Promise<void> {
    this.running.child.kill('SIGKILL');
    await this.running.ended;
    const port = (url: string): string => new URL(url).port;
    const { args, env } = this.parts;
    const { repositoryUrl, controlUrl } = this.ports;
    this.running = startCli(
      [...args, '--repository-port', port(repositoryUrl), '--control-port', port(controlUrl)],
      env,
    );
    await readyPorts(this.running);
  }

  async close(): Promise<void> {
    this.running.child.kill('SIGKILL');
    await this.running.ended;
    await rm(this.parts.folder, { recursive: true, force: true });
  }

  private async control(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${this.ports.controlUrl}/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`the MANO's ${path}: ${await response.text()}`);
    return response;
  }
}

async function readyPorts(running: Running): Promise<Ports> {
  return JSON.parse(await lineOf(running, /"ready":true/)) as Ports;
}
