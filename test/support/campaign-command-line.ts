/** The command line of campaigns with all that it needs: a simulated MANO, a worker, and a folder for its files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator, type WorldSpec } from '../../src/simulator/index.js';
import { runCli, startCli, type Ran, type Running } from './cli.js';
import { lineOf, stopped } from './processes.js';

export interface CampaignCommandLineOptions {
  /** Names its queues, its deployment and its campaigns: those of two tests are never the same. */
  suite: string;
  world: WorldSpec;
  temporalAddress: string;
  amqpUrl: string;
}

interface Parts {
  suite: string;
  world: WorldSpec;
  simulator: Simulator;
  environment: Record<string, string>;
  worker: Running;
  folder: string;
}

export class CampaignCommandLine {
  readonly world: WorldSpec;
  readonly simulator: Simulator;
  readonly environment: Record<string, string>;

  private constructor(private readonly parts: Parts) {
    this.world = parts.world;
    this.simulator = parts.simulator;
    this.environment = parts.environment;
  }

  static async open(options: CampaignCommandLineOptions): Promise<CampaignCommandLine> {
    const { suite, world, temporalAddress, amqpUrl } = options;
    const simulator = await startSimulator({
      ...{ amqpUrl, exchange: suite, world },
      timings: { migrationMs: { min: 100, max: 300 } },
    });
    const environment = {
      ...{ TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_TASK_QUEUE: suite, DEPLOYMENT: suite },
      ...{ AMQP_URL: amqpUrl, AMQP_EXCHANGE: suite, REPOSITORY_URL: simulator.repositoryUrl },
    };
    const worker = startCli(['worker'], environment);
    await lineOf(worker, /started the worker/);
    const folder = mkdtempSync(join(tmpdir(), `${suite}-`));
    return new CampaignCommandLine({ suite, world, simulator, environment, worker, folder });
  }

  async close(): Promise<void> {
    const { worker, simulator, folder } = this.parts;
    await stopped(worker);
    await simulator.stop();
    rmSync(folder, { recursive: true });
  }

  /** `vnf-migrator campaign <args>`. */
  readonly campaign = (...args: string[]): Promise<Ran> => runCli(['campaign', ...args], this.environment);

  /** A name that no other test has. */
  readonly named = (name: string): string => `${this.parts.suite}-${name}`;

  /** A file in the folder. */
  readonly path = (name: string): string => join(this.parts.folder, name);

  /** An items file of all VNFs of some services. */
  readonly itemsFile = (name: string, services: readonly number[]): string => {
    const rows = services.flatMap((index) => {
      const { serviceInstanceUuid, vnfs } = this.world.services[index]!;
      return vnfs.map(({ vnfUuid }) => `${serviceInstanceUuid},${vnfUuid}`);
    });
    writeFileSync(this.path(name), ['serviceInstanceUuid,vnfUuid', ...rows, ''].join('\r\n'));
    return this.path(name);
  };

  /** Of each service, on which VIM each of its VNFs runs: a VNF keeps its name, and not its id. */
  readonly places = (services: readonly number[]): Record<string, string[]> => {
    const { running } = this.simulator.snapshot();
    return Object.fromEntries(
      services.map((index) => {
        const { serviceInstanceUuid: id } = this.world.services[index]!;
        const own = running.filter(({ serviceInstanceUuid }) => serviceInstanceUuid === id);
        return [id, own.map(({ name, vimUuids }) => `${name} on ${vimUuids.join()}`).sort()];
      }),
    );
  };
}
