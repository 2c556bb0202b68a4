/** All that our workflows ask of the outside world. */
import type { Publisher } from '../amqp/publisher.js';
import type { RepositoryClient } from '../repository/client.js';
import type { VimDirectory } from '../vims/directory.js';
import { createCheckReceivers } from './check-receivers.js';
import { createDeliverNotifications, type NotifyRoute } from './deliver-notifications.js';
import { createDescribeMigrations } from './describe-migrations.js';
import { createExchangePermits } from './exchange-permits.js';
import { createFindPresentVnfs } from './find-present-vnfs.js';
import { createFindStrayMigrations } from './find-stray-migrations.js';
import { createFollowRequest } from './follow-request.js';
import { createIsRunning } from './is-running.js';
import { createListSearchAttributes } from './list-search-attributes.js';
import { createListVims } from './list-vims.js';
import { createPostRequest, type GatekeeperRoute } from './post-request.js';
import { createPublishProbe } from './publish-probe.js';
import { createPublishRequest } from './publish-request.js';
import { createReadInventory } from './read-inventory.js';
import { createReadService } from './read-service.js';
import { createReadSettings } from './read-settings.js';
import { createSweepLeases } from './sweep-leases.js';
import { createTellCampaigns } from './tell-campaigns.js';

export interface ActivityDependencies {
  /** Null where no broker is configured. */
  publisher: Publisher | null;
  /** Null where none is configured. */
  gatekeeper: GatekeeperRoute | null;
  /** Null where none is configured. */
  repository: RepositoryClient | null;
  /** Null: there is no route to the list of VIMs. */
  vims: VimDirectory | null;
  /** Whom campaigns may tell. */
  notify: NotifyRoute;
  deployment: string;
}

export function createActivities({
  publisher,
  gatekeeper,
  repository,
  vims,
  notify,
  deployment,
}: ActivityDependencies) {
  return {
    /** Reads the worker's settings. Runs as a local activity. */
    readSettings: createReadSettings({
      deployment,
      hasRepository: repository !== null,
      hasBus: publisher !== null,
      hasGatekeeper: gatekeeper !== null,
      hasVimList: vims !== null,
    }),
    /** Reads the list of VIMs, from what the worker has of it where it can. Runs as a local activity. */
    listVims: createListVims({ vims }),
    /** Publishes a migration request, at most once. */
    publishRequest: createPublishRequest({ publisher }),
    /** Publishes a probe, at most once. */
    publishProbe: createPublishProbe({ publisher }),
    /** Posts a migration request to the Gatekeeper, at most once. */
    postRequest: createPostRequest({ gatekeeper }),
    /** Reads a request at the Gatekeeper; fails, to be retried, while nothing has changed. */
    followRequest: createFollowRequest({ gatekeeper: gatekeeper?.client ?? null }),
    /** Reads a service and its VNF in the repository. */
    readService: createReadService({ repository }),
    /** Reads one page of the VNFs on some VIMs, or with some ids, in the repository. */
    readInventory: createReadInventory({ repository }),
    /** Reads which id each VNF has now. */
    findPresentVnfs: createFindPresentVnfs({ repository }),
    /** Reads from Temporal how migrations stand. */
    describeMigrations: createDescribeMigrations(),
    /** Asks the limits of the deployment for permits. */
    exchangePermits: createExchangePermits({ deployment }),
    /** Reads from Temporal which leases nobody uses any more. */
    sweepLeases: createSweepLeases(),
    /** Reads from Temporal which migrations are in flight without a lease. */
    findStrayMigrations: createFindStrayMigrations(),
    /** Signals every running campaign. */
    tellCampaigns: createTellCampaigns(),
    /** Reads which search attributes the namespace knows. */
    listSearchAttributes: createListSearchAttributes(),
    /** Returns the names of receivers that this worker does not know. Runs as a local activity. */
    checkReceivers: createCheckReceivers(notify),
    /** Sends events of a campaign to a receiver, in order, up to the first that it does not get. */
    deliverNotifications: createDeliverNotifications(notify),
    /** Whether a workflow goes on. Runs as a local activity. */
    isRunning: createIsRunning(),
  };
}

export type Activities = ReturnType<typeof createActivities>;
