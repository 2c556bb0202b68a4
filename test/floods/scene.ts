/**
 * The processes of a flood run: Temporal, a broker, the simulated MANO with its Gatekeeper, and one worker with its listener.
 *
 * Invariant: the VNFs that are flooded move slowly, all others in one second.
 */
import { connect, type Channel } from 'amqplib';
import { connectClient, type ConnectedClient } from '../../src/client/connect.js';
import { MigrationClient } from '../../src/client/migration-client.js';
import { freePorts, LOOPBACK } from '../../src/dev/processes/ports.js';
import { loadConfig, type Config } from '../../src/settings/config.js';
import type { MigrationInput } from '../../src/shared/migration/contract.js';
import { generateWorld, type WorldSpec } from '../../src/simulator/index.js';
import type { LongRun } from '../support/long-run.js';

const SEED = 'floods';
const SERVICES = 600;
/** The MANO still moves the VNF when the last of 100,000 replies comes. */
const SLOW_MOVE_MS = 90_000;
/** The first services of the world. */
const SLOW = 3;

export interface Scene {
  config: Config;
  amqpUrl: string;
  client: ConnectedClient;
  migrations: MigrationClient;
  channel: Channel;
  callbackUrl: string;
  workerPid: number;
  /** A VNF that was not taken before, to be flooded or to move beside. */
  take: (which: 'slow' | 'fast') => MigrationInput;
  close: () => Promise<void>;
}

export async function sceneOn(run: LongRun): Promise<Scene> {
  const world = generateWorld({ services: SERVICES, seed: SEED });
  const speed = ['--migration-ms', '1000..1000', '--ack-delay-ms', '1', '--gatekeeper'];
  const rules = await run.write('rules.json', slowRules(world));
  const addresses = await run.startMano(world, [...speed, '--rules', rules]);
  const { repositoryUrl, gatekeeperUrl } = addresses;
  const [port] = await freePorts(1);
  const callbackUrl = `http://${LOOPBACK}:${port}`;
  const environment = {
    ...run.environment(),
    REPOSITORY_URL: repositoryUrl,
    GATEKEEPER_URL: gatekeeperUrl ?? '',
    GATEKEEPER_CALLBACK_URL: callbackUrl,
    GATEKEEPER_CALLBACK_ADDRESS: `${LOOPBACK}:${port}`,
  };
  await run.startWorker(0, environment);
  const config = loadConfig(environment);
  const client = await connectClient(config);
  const migrations = new MigrationClient({ client, taskQueue: config.temporal.taskQueue });
  const [amqpUrl] = config.amqp.urls;
  const model = await connect(amqpUrl);
  const next = { slow: 0, fast: SLOW };
  const take = (which: 'slow' | 'fast'): MigrationInput => inputOf(world, next[which]++);
  const [workerPid = 0] = run.workerPids;
  const channel = await model.createChannel();
  const close = async (): Promise<void> => {
    await model.close();
    await client.connection.close();
  };
  return { config, amqpUrl, client, migrations, channel, callbackUrl, workerPid, take, close };
}

function inputOf({ services, vims }: WorldSpec, index: number): MigrationInput {
  const service = services[index];
  const [vnf] = service?.vnfs ?? [];
  if (service === undefined || vnf === undefined) throw new Error('the world has too few services');
  const { serviceInstanceUuid } = service;
  return { serviceInstanceUuid, vnfUuid: vnf.vnfUuid, vimUuid: vims[1] ?? '' };
}

function slowRules(world: WorldSpec) {
  return Array.from({ length: SLOW }, (_, index) => ({
    behaviour: 'move-slow',
    vnfUuid: inputOf(world, index).vnfUuid,
    delayMs: SLOW_MOVE_MS,
  }));
}
