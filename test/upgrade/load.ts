/**
 * Migrations in progress until all have ended. Some are single migrations, with a fixed number at a time. Others
 * belong to a campaign that runs them one after another.
 *
 * Invariant: the campaign cannot end before `approve`, however long the rest takes, because a gate blocks it.
 */
import { expect, vi } from 'vitest';
import type { CampaignResult } from '../../src/shared/campaign/views.js';
import { type PolicyInput } from '../../src/shared/migration/contract.js';
import { migrationWorkflowId } from '../../src/shared/names.js';
import type { Migration } from '../chaos/accounting.js';
import type { VnfIds } from '../support/mano-process.js';
import { IN_TIME, type UpgradeStage } from './stage.js';

/** Silence is noticed soon: a request that was given to a worker as it stopped is found out by a probe. */
export const POLICY: PolicyInput = {
  ackTimeout: '30s',
  probeTimeout: '30s',
  maxProbes: 50,
  deadline: '1h',
  records: 'none',
};
export const ONE = { total: 1, perSourceVim: 1, perTargetVim: 1 };

export interface LoadOptions {
  /** Beside those of the campaign. */
  migrations: number;
  inFlight: number;
  /** Of the campaign: before its gate, and behind it. */
  items: { canary: number; rest: number };
}

export class Load {
  /** Of the campaign. */
  readonly workflowId: string;
  private readonly done: Migration[] = [];
  private readonly lanes: Promise<unknown>;

  private constructor(
    private readonly stage: UpgradeStage,
    private readonly parts: { items: readonly VnfIds[]; options: LoadOptions; workflowId: string },
  ) {
    this.workflowId = parts.workflowId;
    const waiting = Array.from({ length: parts.options.migrations }, () => stage.mano.take());
    this.lanes = Promise.all(Array.from({ length: parts.options.inFlight }, () => this.lane(waiting)));
    // Told when it is waited for.
    this.lanes.catch(() => undefined);
  }

  static async begin(stage: UpgradeStage, options: LoadOptions): Promise<Load> {
    const { canary, rest } = options.items;
    const items = Array.from({ length: canary + rest }, () => stage.mano.take());
    const { campaigns } = stage.deployment.migrations;
    const input = { items, limits: ONE, canary: { count: canary }, policy: POLICY };
    const { workflowId } = await campaigns.start(input, { name: stage.deployment.name });
    return new Load(stage, { items, options, workflowId });
  }

  /** Waits until so many have ended, those of the campaign left out. */
  async untilEnded(migrations: number): Promise<void> {
    await vi.waitUntil(() => this.done.length >= migrations, IN_TIME);
  }

  /** Opens the campaign's gate, once it is reached. */
  async approve(): Promise<void> {
    const { campaigns } = this.stage.deployment.migrations;
    const state = async (): Promise<string> => (await campaigns.progress(this.workflowId)).state;
    await vi.waitFor(async () => expect(await state()).toBe('AWAITING_APPROVAL'), IN_TIME);
    const input = { actor: 'ada', reason: 'upgraded' };
    await campaigns.control(this.workflowId, { order: 'approve', input });
  }

  /** Waits for the campaign. */
  async campaign(): Promise<CampaignResult> {
    return await this.stage.deployment.migrations.campaigns.result(this.workflowId);
  }

  /** Waits for all, those of the campaign included. */
  async all(): Promise<Migration[]> {
    await Promise.all([this.lanes, this.campaign()]);
    return [...this.done, ...(await Promise.all(this.parts.items.map((ids) => this.untilItEnded(ids))))];
  }

  private async lane(waiting: VnfIds[]): Promise<void> {
    const { migrations } = this.stage.deployment;
    for (let ids = waiting.shift(); ids !== undefined; ids = waiting.shift()) {
      await migrations.start({ ...ids, policy: POLICY });
      this.done.push(await this.untilItEnded(ids));
    }
  }

  private async untilItEnded(ids: VnfIds): Promise<Migration> {
    const workflowId = migrationWorkflowId(ids.vnfUuid);
    return { ...ids, workflowId, ending: await this.stage.deployment.migrations.ending(workflowId) };
  }
}
