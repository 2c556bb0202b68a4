/** All that our workflows ask of the outside world. */
import type { Publisher } from '../amqp/publisher.js';
import type { RepositoryClient } from '../repository/client.js';
import { createPublishProbe } from './publish-probe.js';
import { createPublishRequest } from './publish-request.js';
import { createReadService } from './read-service.js';
import { createReadSettings } from './read-settings.js';

export interface ActivityDependencies {
  publisher: Publisher;
  /** Null where none is configured. */
  repository: RepositoryClient | null;
  deployment: string;
}

export function createActivities({ publisher, repository, deployment }: ActivityDependencies) {
  return {
    readSettings: createReadSettings({ deployment, hasRepository: repository !== null }),
    publishRequest: createPublishRequest({ publisher }),
    publishProbe: createPublishProbe({ publisher }),
    readService: createReadService({ repository }),
  };
}

export type Activities = ReturnType<typeof createActivities>;
