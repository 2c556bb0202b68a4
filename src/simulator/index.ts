/** The simulated MANO: a Service Lifecycle Manager on the bus and its repository over HTTP. */
import { brokerUrls, nodeOf } from '../settings/broker-urls.js';
import { classifyLoss } from '../amqp/connection-loss.js';
import { serveControls, type Controls } from './control.js';
import { Core, type SimulatorOptions } from './core.js';
import type { HttpServer } from './http.js';
import { serveRepository } from './repository.js';
import type { World } from './world.js';

export { DEFAULT_EXCHANGE, DEFAULT_SEED, DEFAULT_SERVICES, type SimulatorOptions } from './core.js';
export { generateWorld } from './world-spec.js';
export type { WorldSpec, WorldSpecInput } from './world-spec.js';
export { Gatekeeper, type GatekeeperFaultsInput } from './gatekeeper.js';
export type { RuleInput } from './rules.js';
export { entriesOf, readLedger, type LedgerEntry } from './ledger.js';
export { World, type WorldSnapshot } from './world.js';

export interface Simulator extends Controls {
  world: World;
  /** The value for REPOSITORY_URL. */
  repositoryUrl: string;
  controlUrl: string;
  /** The value for GATEKEEPER_URL. Null without a Gatekeeper. */
  gatekeeperUrl: string | null;
  isConnected: () => boolean;
  /** Stops without completing anything. Work in progress is lost, as in a crash. */
  stop: () => Promise<void>;
}

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const core = new Core(options);
  await core.bus.connect().catch((error: unknown) => {
    const nodes = brokerUrls(options.amqpUrl).map(nodeOf).join(' or ');
    const { reason } = classifyLoss(error instanceof Error ? error : new Error(String(error)));
    throw new Error(`no broker at ${nodes}: ${reason}`, { cause: error });
  });
  const servers: HttpServer[] = [];
  try {
    const { repositoryPort = 0, repositoryHost = '127.0.0.1', controlPort = 0, gatekeeperPort = 0 } = options;
    await core.adaptor.bus.connect();
    await core.gatekeeper?.start({ port: gatekeeperPort });
    const repository = await serveRepository({
      world: core.world,
      state: () => core.repositoryState,
      port: repositoryPort,
      host: repositoryHost,
    });
    servers.push(repository);
    const control = await serveControls(core.controls(), { port: controlPort });
    servers.push(control);
    return {
      ...core.controls(),
      world: core.world,
      repositoryUrl: repository.url,
      controlUrl: control.url,
      gatekeeperUrl: core.gatekeeper?.url ?? null,
      isConnected: () => core.bus.isConnected(),
      stop: () => stop(core, servers),
    };
  } catch (error) {
    await stop(core, servers);
    throw error;
  }
}

async function stop(core: Core, servers: readonly HttpServer[]): Promise<void> {
  core.slm.kill();
  await Promise.all([
    core.bus.close(),
    core.adaptor.stop(),
    core.gatekeeper?.stop(),
    ...servers.map((server) => server.close()),
  ]);
}
