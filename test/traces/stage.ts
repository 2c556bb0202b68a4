/**
 * What is traced: a stack, the simulated MANO with a Gatekeeper, a worker, another deployment whose listener is a process of its
 * own, a console, and a collector.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts, LOOPBACK } from '../../src/dev/processes/ports.js';
import type { SupervisedProcess } from '../../src/dev/processes/supervisor.js';
import type { MigrationIds } from '../../src/mano/request.js';
import { generateWorld } from '../../src/simulator/index.js';
import { runCli, type Ran } from '../support/cli.js';
import { consoleLogin, ConsoleCaller, startConsole } from '../support/console-process.js';
import { COMMAND, LongRun } from '../support/long-run.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';
import { Collector, type ReceivedSpan } from './collector.js';

/** In the addresses of the repository and of a receiver. */
export const CANARY = 'canary-7d1f';
const SERVICES = 24;
const SEEN_WITHIN_MS = 30_000;

export class TracesStage {
  private next = 0;
  private readonly world = generateWorld({ services: SERVICES, seed: 'traces' });

  private constructor(
    readonly run: LongRun,
    readonly collector: Collector,
    readonly receiver: WebhookReceiver,
    private readonly parts: { settings: Record<string, string> },
  ) {}

  static async set(command: string, report: (line: string) => void): Promise<TracesStage> {
    const run = await LongRun.begin('traces', { persistent: false, report });
    try {
      const collector = await Collector.start(command, join(run.directory, 'collector'));
      const receiver = await WebhookReceiver.open();
      const stage = new TracesStage(run, collector, receiver, { settings: {} });
      await stage.startMano();
      return stage;
    } catch (error) {
      await run.stop();
      throw error;
    }
  }

  get exchange(): string {
    return this.settings['AMQP_EXCHANGE'] ?? 'son-kernel';
  }

  /** With traces. */
  get settings(): Record<string, string> {
    return this.parts.settings;
  }

  /** A VNF that nothing has been done with. */
  take(): MigrationIds {
    const service = this.world.services[this.next];
    if (service === undefined) throw new Error('there are not enough services');
    this.next += 1;
    return {
      serviceInstanceUuid: service.serviceInstanceUuid,
      vnfUuid: service.vnfs[0]!.vnfUuid,
      vimUuid: this.world.vims[1]!,
    };
  }

  async startProcess(name: string, options: { args: string[]; env?: Record<string, string> }) {
    const { args, env = {} } = options;
    return await this.run.spawn(name, {
      args: [COMMAND, ...args],
      env: { ...this.settings, LOG_LEVEL: 'debug', ...env },
    });
  }

  /** `vnf-migrator migrate`, to its end. */
  async migrate(
    ids: MigrationIds,
    { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
  ) {
    const { serviceInstanceUuid, vnfUuid, vimUuid } = ids;
    return await this.command(
      ['migrate', '--service', serviceInstanceUuid, '--vnf', vnfUuid, '--vim', vimUuid, ...args],
      env,
    );
  }

  async command(args: string[], env: Record<string, string> = {}): Promise<Ran> {
    return await runCli(args, { ...this.settings, ...env });
  }

  async startConsole(): Promise<{ caller: ConsoleCaller; process: SupervisedProcess }> {
    const { settings, tokens } = await consoleLogin(this.run.directory);
    const running = await startConsole(this.run, { ...this.settings, ...settings });
    return { caller: new ConsoleCaller(running.url, tokens[0]!), process: running };
  }

  /** Asks again until nothing is missing, or for long enough. Resolves with what is. */
  async untilComplete(complaints: (spans: ReceivedSpan[]) => string[]): Promise<string[]> {
    const limit = AbortSignal.timeout(SEEN_WITHIN_MS);
    for (;;) {
      const left = complaints(await this.collector.spans());
      if (left.length === 0 || limit.aborted) return left;
      await delay(200);
    }
  }

  /** Waits until a process has logged a text. @throws if it does not */
  async untilLogged(name: string, text: string): Promise<void> {
    const limit = AbortSignal.timeout(SEEN_WITHIN_MS);
    while (!(await this.log(name)).includes(text)) {
      if (limit.aborted) throw new Error(`${name} has not logged "${text}"`);
      await delay(100);
    }
  }

  async log(name: string): Promise<string> {
    return await readFile(join(this.run.directory, `${name}.log`), 'utf8').catch(() => '');
  }

  async stop(): Promise<void> {
    this.receiver.close();
    await this.collector.stop();
    await this.run.stop();
  }

  private async startMano(): Promise<void> {
    const { run, collector, receiver } = this;
    const [gatekeeperPort = 0, callbackPort = 0] = await freePorts(2);
    const args = ['--migration-ms', '300..300', '--gatekeeper', '--gatekeeper-port', String(gatekeeperPort)];
    const { repositoryUrl } = await run.startMano(this.world, args);
    const notifyFile = join(run.directory, 'receivers.yml');
    const url = receiver.url.replace('/hook', `/hook-${CANARY}`);
    await writeFile(notifyFile, JSON.stringify({ ops: { url, secret: receiver.secret } }), { mode: 0o600 });
    Object.assign(this.parts.settings, {
      ...run.environment(),
      ...collector.settings(),
      REPOSITORY_URL: repositoryUrl.replace('://', `://reader:${CANARY}@`),
      GATEKEEPER_URL: `http://${LOOPBACK}:${String(gatekeeperPort)}`,
      GATEKEEPER_CALLBACK_URL: `http://${LOOPBACK}:${String(callbackPort)}`,
      GATEKEEPER_CALLBACK_ADDRESS: `${LOOPBACK}:${String(callbackPort)}`,
      NOTIFY_FILE: notifyFile,
      HTTP_ADDRESS: '',
    });
  }
}
