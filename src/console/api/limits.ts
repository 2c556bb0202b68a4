/** The limits of the deployment. */
import { clearLimitsSchema, limitsStateSchema, setLimitsSchema } from '../../shared/limits/contract.js';
import { within, type ConsoleContext } from '../context.js';
import { Problem } from '../problem.js';
import { actorOf, json, problems, type Api } from './app.js';

const state = json(limitsStateSchema(), 'the limits, what is in flight under them, and what waits');

export function limitsRoutes(api: Api, context: ConsoleContext): void {
  const { limits } = context;
  const tags = ['limits'];
  api.get(
    '/limits',
    { schema: { tags, summary: 'The limits of the deployment', response: { 200: state, ...problems(404) } } },
    async () => {
      const present = await within(context, () => limits.state());
      if (present === null) throw new Problem('not-found', 'no limits are set');
      return present;
    },
  );
  api.put(
    '/limits',
    {
      schema: {
        ...{ tags, summary: 'Set limits; what is not named stays, null ends a limit' },
        body: setLimitsSchema().omit({ actor: true }),
        response: { 200: state, ...problems(409) },
      },
    },
    async (request) => await limits.set({ ...request.body, actor: actorOf(request) }),
  );
  api.delete(
    '/limits',
    {
      schema: {
        ...{ tags, summary: 'End all limits' },
        querystring: clearLimitsSchema().omit({ actor: true }),
        response: { 200: state, ...problems(409) },
      },
    },
    async (request) => await limits.clear({ ...request.query, actor: actorOf(request) }),
  );
}
