/** What is fuzzed: a stack, the simulated MANO, a worker and a console, with something in each list. */
import { consoleLogin, ConsoleCaller, startConsole } from '../support/console-process.js';
import { LongRun } from '../support/long-run.js';
import { CONTROL_NAMES, type ControlName } from '../../src/shared/campaign/contract.js';
import { generateWorld } from '../../src/simulator/index.js';

const VIMS = 4;
/** Services that the run itself moves. The fuzzer is not told of them. */
const OWN = { ended: 0, migration: 1, schedule: 2, afterwards: [3, 4], orders: 5 } as const;
const FIRST_FREE = OWN.orders + CONTROL_NAMES.length;
const SERVICES = FIRST_FREE + 8;

/** Callers have a quota each: one alone would be held to twenty requests a second. */
const CALLERS = 40;

/** What the description of the API is told of, so that not every request ends with `not-found`. */
export interface Known {
  campaigns: string[];
  /** By order: a campaign that waits for it, and for no other. */
  forOrders: Record<string, string>;
  /** Bodies of campaigns that may start. */
  specifications: object[];
  migrations: string[];
  schedules: string[];
  vims: string[];
  services: string[];
  vnfs: string[];
}

interface Campaign {
  isRunning: boolean;
  result: { state: string; counts: Record<string, number> } | null;
}

/** `setLimits` → `set-limits`. */
function pathOf(order: ControlName): string {
  return order.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export class FuzzStage {
  private constructor(
    private readonly run: LongRun,
    private readonly world: ReturnType<typeof generateWorld>,
    readonly caller: ConsoleCaller,
    readonly tokens: readonly string[],
    readonly logFile: string,
  ) {}

  static async set(report: (line: string) => void): Promise<FuzzStage> {
    const world = generateWorld({ services: SERVICES, seed: 'fuzz', vims: VIMS });
    const run = await LongRun.begin('fuzz', { persistent: false, report });
    try {
      const { repositoryUrl } = await run.startMano(world, ['--migration-ms', '50..200']);
      const environment = { ...run.environment(), REPOSITORY_URL: repositoryUrl };
      await run.startWorker(0, environment);
      const names = Array.from({ length: CALLERS }, (_, index) => `fuzzer-${index}`);
      const { settings, tokens } = await consoleLogin(run.directory, names);
      const { url, logFile } = await startConsole(run, { ...environment, ...settings });
      return new FuzzStage(run, world, new ConsoleCaller(url, tokens[0]!), tokens, logFile);
    } catch (error) {
      await run.stop();
      throw error;
    }
  }

  get directory(): string {
    return this.run.directory;
  }

  /** A campaign that has ended, one for each order, a migration, a schedule, limits. */
  async fill(): Promise<Known> {
    const { caller, world } = this;
    const { workflowId: ended } = await this.start('ended', [OWN.ended]);
    await caller.until<Campaign>('campaigns/ended', ({ isRunning }) => !isRunning);
    const forOrders = Object.fromEntries(
      CONTROL_NAMES.map((order) => [pathOf(order), `for-${pathOf(order)}`]),
    );
    for (const [nth, name] of Object.values(forOrders).entries())
      await this.start(name, [OWN.orders + nth], { notBefore: '2100-01-01T00:00:00Z' });
    const { pause } = forOrders;
    await caller.send('POST', `campaigns/${pause}/orders/pause`, { reason: 'to be fuzzed' });
    const { serviceInstanceUuid, vnfs } = world.services[OWN.migration]!;
    const { vnfUuid } = vnfs[0]!;
    const { workflowId } = await caller.send<{ workflowId: string }>('POST', 'migrations', {
      ...{ serviceInstanceUuid, vnfUuid, vimUuid: world.vims[1] },
    });
    await caller.until<{ status: string }>(`migrations/${vnfUuid}`, ({ status }) => status !== 'RUNNING');
    await caller.send('PUT', 'schedules/weekly', {
      ...{ cron: '0 22 * * 1-5', timeZone: 'Europe/Athens', campaign: this.evacuation([OWN.schedule]) },
    });
    await caller.send('PUT', 'limits', { total: 100, reason: 'to be fuzzed' });
    const free = world.services.slice(FIRST_FREE);
    // The last VIM stays out of it, for what is moved afterwards.
    const vims = [...world.vims.slice(1, -1), ...world.vimFacts.slice(1, -1).map(({ name }) => name!)];
    return {
      campaigns: ['ended', ended, pause!],
      ...{ forOrders, vims },
      specifications: free.map((_, nth) => this.evacuation([FIRST_FREE + nth])),
      migrations: [vnfUuid, workflowId],
      schedules: ['weekly'],
      services: free.map((service) => service.serviceInstanceUuid),
      vnfs: free.flatMap((service) => service.vnfs.map((vnf) => vnf.vnfUuid)),
    };
  }

  /** Whether it still does what it is for. @throws if it does not */
  async isWell(): Promise<void> {
    const { caller } = this;
    const ready = await caller.ask('GET', '/readyz');
    if (!ready.ok) throw new Error(`/readyz: ${ready.status} ${await ready.text()}`);
    // What was set may be that nothing starts.
    await caller.send('POST', 'limits/clear', { reason: 'afterwards' });
    const body = {
      ...{ name: 'afterwards', anyway: true },
      campaign: this.evacuation(OWN.afterwards, this.world.vims.at(-1)),
    };
    await caller.send('POST', 'campaigns', body);
    const { result } = await caller.until<Campaign>('campaigns/afterwards', ({ isRunning }) => !isRunning);
    const { state = 'no state', counts = {} } = result ?? {};
    if (state !== 'COMPLETED' || counts['MIGRATED'] !== 2 * OWN.afterwards.length)
      throw new Error(`the campaign afterwards ended ${state}: ${JSON.stringify(counts)}`);
  }

  async stop(): Promise<void> {
    await this.run.stop();
  }

  private async start(
    name: string,
    services: readonly number[],
    fields: object = {},
  ): Promise<{ workflowId: string }> {
    const campaign = { ...this.evacuation(services), ...fields };
    return await this.caller.send('POST', 'campaigns', { name, campaign });
  }

  /** The whole of these services, away from the first VIM. */
  private evacuation(services: readonly number[], vimUuid = this.world.vims[1]): object {
    const serviceInstanceUuids = services.map((index) => this.world.services[index]!.serviceInstanceUuid);
    return {
      evacuate: { vims: [this.world.vims[0]], include: { serviceInstanceUuids } },
      target: { vimUuid },
    };
  }
}
