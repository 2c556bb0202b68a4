/**
 * The dry run: what a campaign would do, and what stands against it. It reads the repository if one is configured, the
 * list of VIMs, and which campaigns run.
 *
 * Invariants: it starts nothing, and sends no request to the MANO but for the list of VIMs. Where Temporal or the list is
 * away, the plan is made without, and says so.
 */
import type { Config } from '../settings/config.js';
import type { CampaignSpec } from '../shared/campaign/contract.js';
import { vimListSource, type VimListSource } from '../vims/source.js';
import { readInventory } from './inventory.js';
import type { OppositesReading } from './opposites.js';
import { plannedFrom, type Planned } from './planned.js';
import { readVimList } from './vim-list.js';

/** What is planned, and what for. */
export interface DryRunInput {
  spec: CampaignSpec;
  name: string;
  /** How long a migration takes, for the estimate. */
  assumeMs: number;
  /** Looks which running campaigns work against it. */
  opposites: () => Promise<OppositesReading>;
  /** By default a query of its own. */
  vimList?: VimListSource;
}

/** @throws what the repository's client throws */
export async function dryRun(
  config: Config,
  { opposites, vimList = vimListSource(config), ...campaign }: DryRunInput,
): Promise<Planned> {
  const [inventory, answer, running] = await Promise.all([
    readInventory(config),
    readVimList(campaign.spec, vimList),
    opposites(),
  ]);
  return plannedFrom({ ...campaign, inventory, answer, running, nowMs: Date.now() });
}
