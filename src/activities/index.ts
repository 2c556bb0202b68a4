/** All that our workflows ask of the outside world. */
import type { Publisher } from '../amqp/publisher.js';
import type { RepositoryClient } from '../repository/client.js';
import { createDescribeMigrations } from './describe-migrations.js';
import { createFindPresentVnfs } from './find-present-vnfs.js';
import { createFollowRequest } from './follow-request.js';
import { createListSearchAttributes } from './list-search-attributes.js';
import { createPostRequest, type GatekeeperRoute } from './post-request.js';
import { createPublishProbe } from './publish-probe.js';
import { createPublishRequest } from './publish-request.js';
import { createReadInventory } from './read-inventory.js';
import { createReadService } from './read-service.js';
import { createReadSettings } from './read-settings.js';

export interface ActivityDependencies {
  /** Null where no broker is configured. */
  publisher: Publisher | null;
  /** Null where none is configured. */
  gatekeeper: GatekeeperRoute | null;
  /** Null where none is configured. */
  repository: RepositoryClient | null;
  deployment: string;
}

export function createActivities({ publisher, gatekeeper, repository, deployment }: ActivityDependencies) {
  return {
    readSettings: createReadSettings({
      deployment,
      hasRepository: repository !== null,
      hasBus: publisher !== null,
      hasGatekeeper: gatekeeper !== null,
    }),
    publishRequest: createPublishRequest({ publisher }),
    publishProbe: createPublishProbe({ publisher }),
    postRequest: createPostRequest({ gatekeeper }),
    followRequest: createFollowRequest({ gatekeeper: gatekeeper?.client ?? null }),
    readService: createReadService({ repository }),
    readInventory: createReadInventory({ repository }),
    findPresentVnfs: createFindPresentVnfs({ repository }),
    describeMigrations: createDescribeMigrations(),
    listSearchAttributes: createListSearchAttributes(),
  };
}

export type Activities = ReturnType<typeof createActivities>;
