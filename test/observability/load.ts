/**
 * A load in which each symptom shows: a campaign, a paused one, and migrations that end in the ways that alerts look at.
 *
 * Invariant: what an alert waits for is made to happen, and is awaited here, so that its absence in Prometheus is a fault.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { CampaignClient } from '../../src/client/campaign-client.js';
import { MigrationClient } from '../../src/client/migration-client.js';
import { clientConverterFromSettings } from '../../src/codec/index.js';
import { makeCorrelationId } from '../../src/shared/correlation-id.js';
import type { PolicyInput } from '../../src/shared/migration/contract.js';
import type { FailureType } from '../../src/shared/migration/failures.js';
import { loadConfig } from '../../src/settings/config.js';
import type { ObservabilityStage } from './stage.js';

/** The services of the world, by what they are for. */
const OWN = {
  campaign: 15,
  paused: 18,
  deaf: 20,
  locked: 21,
  unreadable: 22,
  rejected: 23,
  outage: 24,
  twoManos: [25, 26, 27, 28, 29, 30],
};
const POLL_MS = 100;
const HAPPENS_WITHIN_MS = 60_000;
const HASTY: PolicyInput = {
  ackTimeout: '2s',
  finalTimeout: '5s',
  probeTimeout: '2s',
  initialInterval: 500,
  maximumInterval: '1s',
  maxProbes: 2,
};

export class Load {
  private readonly migrations: MigrationClient;
  private readonly campaigns: CampaignClient;

  constructor(
    private readonly stage: ObservabilityStage,
    private readonly report: (line: string) => void,
  ) {
    const { client } = stage;
    this.migrations = new MigrationClient({ client });
    this.campaigns = new CampaignClient({ client });
  }

  async run(): Promise<void> {
    const campaign = await this.startCampaign('load', { from: 0, to: OWN.campaign });
    await this.untilSome(campaign);
    this.report('load: killing the worker');
    // First of all: what a process counts after its last scrape is lost with it.
    await this.stage.replaceWorker();
    await this.pausedCampaign();
    await Promise.all([this.parkedReply(), this.unreadablePayload(), this.rejected(), this.deafMano()]);
    await this.lockedService();
    const { state, counts } = await this.campaigns.result(campaign);
    this.report(`load: the campaign ended ${state} ${JSON.stringify(counts)}`);
    await this.repositoryOutage();
    await this.twoManos();
  }

  private async untilSome(campaign: string): Promise<void> {
    await until(async () => (await this.campaigns.progress(campaign)).counts.MIGRATED > 0);
  }

  private async startCampaign(name: string, { from, to }: { from: number; to: number }): Promise<string> {
    const { services, vims } = this.stage.world;
    const items = services
      .slice(from, to)
      .flatMap(({ serviceInstanceUuid, vnfs }) =>
        vnfs.map(({ vnfUuid }) => ({ serviceInstanceUuid, vnfUuid })),
      );
    const input = { items, target: { vimUuid: vims[1] ?? '' }, limits: { total: 2 } };
    const { workflowId } = await this.campaigns.start(input, { name });
    return workflowId;
  }

  /** Its items wait for a person. */
  private async pausedCampaign(): Promise<void> {
    const workflowId = await this.startCampaign('paused', { from: OWN.campaign, to: OWN.paused });
    await this.campaigns.control(workflowId, {
      order: 'pause',
      input: { actor: 'observability', reason: 'to be seen' },
    });
  }

  /** A reply with a body that is none. */
  private async parkedReply(): Promise<void> {
    const { deployment } = loadConfig(this.stage.environment);
    const workflowId = `vnf-migration/${randomUUID()}`;
    const correlationId = makeCorrelationId({ deployment, workflowId, nonce: 'none' });
    await this.stage.sendReply({ correlationId, body: '{status: [' });
  }

  /** A migration whose input no worker can decrypt. */
  private async unreadablePayload(): Promise<void> {
    const file = join(this.stage.directory, 'other-keys');
    await writeFile(file, `other:${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    const dataConverter = clientConverterFromSettings({
      ...this.stage.environment,
      PAYLOAD_KEYS_FILE: file,
    });
    const { connection, options } = this.stage.client;
    const client = new Client({ connection, namespace: options.namespace, dataConverter });
    await new MigrationClient({ client }).start(this.ids(OWN.unreadable));
  }

  /** The repository does not list the VNF. */
  private async rejected(): Promise<void> {
    const ids = { ...this.ids(OWN.rejected), vnfUuid: randomUUID() };
    await this.mustFail('MigrationRejected', ids);
  }

  /** For one service alone: requests and probes are lost. */
  private async deafMano(): Promise<void> {
    const ids = this.ids(OWN.deaf);
    const { serviceInstanceUuid } = ids;
    await this.stage.addRules([{ behaviour: 'request-lost', serviceInstanceUuid, kind: 'any' }]);
    await this.mustFail('MigrationNotAcknowledged', ids);
  }

  /** The first request makes the MANO stop without an answer, and hold its lock. */
  private async lockedService(): Promise<void> {
    const [first, second] = [0, 1].map((vnf) => this.ids(OWN.locked, vnf)) as [Ids, Ids];
    const { serviceInstanceUuid } = first;
    await this.stage.addRules([{ behaviour: 'ia-silent', serviceInstanceUuid, times: 1 }]);
    const stuck = this.mustFail('MigrationOutcomeUnknown', first, { deadline: '15s' });
    await this.untilAcked(first);
    await Promise.all([stuck, this.mustFail('ServiceBusy', second, { busyTimeout: '3s' })]);
  }

  /** The activity that reads it fails, and is tried again. */
  private async repositoryOutage(): Promise<void> {
    await this.stage.setRepository('500');
    const { workflowId } = await this.migrations.start(this.input(this.ids(OWN.outage)));
    await until(async () => {
      const { raw } = await this.migrations.describe(workflowId);
      return raw.pendingActivities?.some(({ attempt }) => (attempt ?? 0) > 1) === true;
    });
    await this.stage.setRepository('up');
    await this.migrations.result(workflowId);
  }

  /** Of each request each listener may get both acks, or one: several requests make it certain. */
  private async twoManos(): Promise<void> {
    await this.stage.withSecondMano(async () => {
      const moves = OWN.twoManos.map((service) => this.migrations.migrate(this.input(this.ids(service))));
      await Promise.allSettled(moves);
    });
    this.report('load: two MANOs were on the bus');
  }

  private async untilAcked({ vnfUuid }: Ids): Promise<void> {
    const phases: (string | undefined)[] = ['awaiting-final', 'probing'];
    await until(async () =>
      phases.includes((await this.migrations.status(`vnf-migration/${vnfUuid}`)).phase),
    );
  }

  private async mustFail(type: FailureType, ids: Ids, policy: PolicyInput = {}): Promise<void> {
    const { workflowId } = await this.migrations.start(this.input(ids, policy));
    const ending = await this.migrations.ending(workflowId);
    const got = ending.kind === 'error' ? ending.error.type : ending.result.outcome;
    this.report(`load: a migration ended as ${String(got)}`);
    if (got !== type) throw new Error(`a migration was to end as ${type}, and ended as ${String(got)}`);
  }

  private input(ids: Ids, policy: PolicyInput = {}) {
    return { ...ids, policy: { ...HASTY, ...policy } };
  }

  private ids(service: number, vnf = 0): Ids {
    const { services, vims } = this.stage.world;
    const { serviceInstanceUuid, vnfs } = services[service]!;
    return { serviceInstanceUuid, vnfUuid: vnfs[vnf]!.vnfUuid, vimUuid: vims[1]! };
  }
}

interface Ids {
  serviceInstanceUuid: string;
  vnfUuid: string;
  vimUuid: string;
}

/** What is asked may not be there yet. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const limit = AbortSignal.timeout(HAPPENS_WITHIN_MS);
  while (!(await isSo().catch(() => false))) {
    limit.throwIfAborted();
    await delay(POLL_MS);
  }
}
