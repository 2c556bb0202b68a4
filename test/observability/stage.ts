/**
 * What Prometheus looks at: Temporal, a broker, the simulated MANO, a worker, a listener, and a listener whose exchange is not the
 * MANO's.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'amqplib';
import { connectClient, type ConnectedClient } from '../../src/client/connect.js';
import { freePorts, LOOPBACK } from '../../src/dev/processes/ports.js';
import { Supervisor } from '../../src/dev/processes/supervisor.js';
import { SLM_APP_ID } from '../../src/mano/topics.js';
import { loadConfig } from '../../src/settings/config.js';
import { generateWorld, type RuleInput, type WorldSpec } from '../../src/simulator/index.js';
import { COMMAND, LongRun } from '../support/long-run.js';

const SERVICES = 40;
const WRONG_EXCHANGE = 'observability-wrong-exchange';
/** Nobody listens there: a node of the broker that is away. */
const AWAY = 'amqp://guest:guest@127.0.0.1:1';

export class ObservabilityStage {
  private constructor(
    private readonly run: LongRun,
    /** Of Prometheus and what installs it. */
    readonly monitoring: Supervisor,
    readonly world: WorldSpec,
    readonly client: ConnectedClient,
    private readonly parts: { environment: Record<string, string>; controlUrl: string; targets: string[] },
  ) {}

  static async set(report: (line: string) => void): Promise<ObservabilityStage> {
    const world = generateWorld({ services: SERVICES, seed: 'observability' });
    const run = await LongRun.begin('observability', { persistent: false, report });
    try {
      const speed = ['--migration-ms', '500..3000', '--reconnect'];
      const { repositoryUrl, controlUrl } = await run.startMano(world, speed);
      const ports = await freePorts(4);
      const targets = ports.map((port) => `${LOOPBACK}:${port}`);
      const environment = { ...run.environment(), REPOSITORY_URL: repositoryUrl, LOG_LEVEL: 'info' };
      const client = await connectClient(loadConfig(environment));
      const monitoring = await Supervisor.start(join(run.directory, 'monitoring'));
      const stage = new ObservabilityStage(run, monitoring, world, client, {
        ...{ environment, controlUrl, targets },
      });
      await stage.startProcesses();
      return stage;
    } catch (error) {
      await run.stop();
      throw error;
    }
  }

  /**
   * Where Prometheus scrapes: the worker, the listener, the listener on the wrong exchange, and this process, where nothing
   * listens before `disagree`.
   */
  get targets(): readonly string[] {
    return this.parts.targets;
  }

  get environment(): Readonly<Record<string, string>> {
    return this.parts.environment;
  }

  get directory(): string {
    return this.run.directory;
  }

  /** Kills it. Another one takes its place, and knows nothing of the workflows that it held. */
  async replaceWorker(): Promise<void> {
    await this.run.replaceWorker(0, this.workerSettings());
  }

  async addRules(rules: readonly RuleInput[]): Promise<void> {
    await this.control('rules', rules);
  }

  async setRepository(state: 'up' | '500'): Promise<void> {
    await this.control('repository', { state });
  }

  /** A second MANO of the same world, for as long as `during` takes. */
  async withSecondMano(during: () => Promise<void>): Promise<void> {
    const file = await this.run.write('second-world.json', this.world);
    const args = [COMMAND, 'simulate', '--world', file, '--migration-ms', '500'];
    const second = await this.run.spawn('second-mano', { args, env: this.parts.environment });
    try {
      while (!(await readFile(second.logFile, 'utf8')).includes('ready')) await delay(100);
      await during();
    } finally {
      await second.stop();
    }
  }

  /** As a MANO would send it. */
  async sendReply({ correlationId, body }: { correlationId: string; body: string }): Promise<void> {
    const { amqp } = loadConfig(this.parts.environment);
    const connection = await connect(this.run.stack.amqpUrl);
    const channel = await connection.createConfirmChannel();
    const properties = { correlationId, appId: SLM_APP_ID };
    channel.publish(amqp.exchange, 'service.instance.migrate', Buffer.from(body), properties);
    await channel.waitForConfirms();
    await connection.close();
  }

  async stop(): Promise<void> {
    await this.client.connection.close();
    await this.monitoring.close();
    await this.run.stop();
  }

  private async control(path: string, body: unknown): Promise<void> {
    const url = `${this.parts.controlUrl}/${path}`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`the MANO's ${path}: ${await response.text()}`);
  }

  private async startProcesses(): Promise<void> {
    const { environment, targets } = this.parts;
    const [, listener = '', stray = ''] = targets;
    await this.run.startWorker(0, this.workerSettings());
    const nodes = `${this.run.stack.amqpUrl},${AWAY}`;
    await this.startListener('listener', { ...environment, AMQP_URL: nodes, HTTP_ADDRESS: listener });
    await this.declareWrongExchange();
    const elsewhere = { DEPLOYMENT: 'elsewhere', AMQP_EXCHANGE: WRONG_EXCHANGE, HTTP_ADDRESS: stray };
    await this.startListener('stray-listener', { ...environment, ...elsewhere });
  }

  private workerSettings(): Record<string, string> {
    const [worker = ''] = this.parts.targets;
    return { ...this.parts.environment, HTTP_ADDRESS: worker };
  }

  private async startListener(name: string, env: Record<string, string>): Promise<void> {
    await this.run.spawn(name, { args: [COMMAND, 'listener'], env });
  }

  private async declareWrongExchange(): Promise<void> {
    const connection = await connect(this.run.stack.amqpUrl);
    const channel = await connection.createChannel();
    await channel.assertExchange(WRONG_EXCHANGE, 'direct', { durable: true });
    await connection.close();
  }
}
