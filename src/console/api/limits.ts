/** The limits of the deployment. */
import { z } from 'zod';
import { clearLimitsSchema, setLimitsSchema } from '../../shared/limits/contract.js';
import { within, type ConsoleContext } from '../context.js';
import { Problem, problemsAt } from '../problem.js';
import { actorOf, json, problems, type Api } from './app.js';
import { invalid, jsonSchemaWithNames, rowsWithUuids } from './named-vims.js';
import { limitsState } from './named-schemas.js';

const state = json(limitsState, 'the limits, what is in flight under them, and what waits');

const setSchema = setLimitsSchema().omit({ actor: true });
const setBodySchema = z
  .record(z.string(), z.unknown())
  .meta({ id: 'LimitsOrder', ...jsonSchemaWithNames(setSchema) });

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
        body: setBodySchema,
        response: { 200: state, ...problems(409) },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      return await limits.set({ ...(await namedOrder(context, request.body)), actor });
    },
  );
  api.post(
    '/limits/clear',
    {
      schema: {
        ...{ tags, summary: 'End all limits' },
        body: clearLimitsSchema().omit({ actor: true }),
        response: { 200: state, ...problems(409) },
      },
    },
    async (request) => await limits.clear({ ...request.body, actor: actorOf(request) }),
  );
}

/** @throws Problem that names all that is wrong */
async function namedOrder(
  context: Pick<ConsoleContext, 'vimList'>,
  body: Record<string, unknown>,
): Promise<z.output<typeof setSchema>> {
  const { rows, problems: names } = await rowsWithUuids(context, { rows: body['vims'], pointer: '/vims' });
  const parsed = setSchema.safeParse('vims' in body ? { ...body, vims: rows } : body);
  const wrong = [...names, ...(parsed.success ? [] : problemsAt('', parsed.error))];
  if (wrong.length > 0 || !parsed.success) throw invalid('the limits are wrong', wrong);
  return parsed.data;
}
