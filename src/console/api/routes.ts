/** All routes of the API, under `/api/v1`. */
import type { ConsoleContext } from '../context.js';
import type { Api } from './app.js';
import { campaignAgainRoutes } from './campaign-again.js';
import { campaignLiveRoutes } from './campaign-live.js';
import { campaignOrderRoutes } from './campaign-orders.js';
import { campaignRoutes } from './campaigns.js';
import { doctorRoutes } from './doctor.js';
import { limitsRoutes } from './limits.js';
import { migrationRoutes } from './migrations.js';
import { parkedRoutes } from './parked.js';
import { scheduleRoutes } from './schedules.js';
import { schemaRoutes } from './schemas.js';
import { deploymentRoute, sessionRoutes } from './session.js';
import { vimRoutes } from './vims.js';

export function apiRoutes(api: Api, context: ConsoleContext): void {
  api.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  sessionRoutes(api, context);
  deploymentRoute(api, context);
  campaignRoutes(api, context);
  campaignLiveRoutes(api, context);
  campaignOrderRoutes(api, context);
  campaignAgainRoutes(api, context);
  migrationRoutes(api, context);
  scheduleRoutes(api, context);
  vimRoutes(api, context);
  limitsRoutes(api, context);
  parkedRoutes(api, context);
  doctorRoutes(api, context);
  schemaRoutes(api);
  api.get(
    '/openapi.json',
    {
      config: { access: 'public' },
      schema: { hide: true },
    },
    () => api.swagger(),
  );
}
