/** The route of an event stream: the same of whatever has a feed. */
import { z } from 'zod';
import { callerOf } from '../access/caller-of.js';
import type { ConsoleContext } from '../context.js';
import { lastIdOf } from '../live/event-stream.js';
import type { Feed } from '../live/feed.js';
import { problems, type Api } from './app.js';

export interface EventsRoute {
  /** It has a parameter `id`. */
  path: string;
  tags: string[];
  params: z.ZodObject<{ id: z.ZodString }>;
  description: string;
  /** @throws Problem if there is none of this id */
  feedOf: (id: string) => Promise<Feed>;
}

export function eventsRoute(
  { api, context }: { api: Api; context: Pick<ConsoleContext, 'identify' | 'streams'> },
  { path, tags, params, description, feedOf }: EventsRoute,
): void {
  api.get(
    path,
    {
      // A stream without its body would never end.
      exposeHeadRoute: false,
      schema: {
        ...{ tags, summary: 'What changes, as server-sent events', description, params },
        querystring: z.strictObject({ lastEventId: z.string().max(100).optional() }),
        response: {
          200: { description: 'the stream', content: { 'text/event-stream': { schema: z.string() } } },
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const feed = await feedOf(request.params.id);
      const mayStay = (): boolean => callerOf(request, context.identify) !== null;
      return await context.streams.open(reply, { feed, lastId: lastIdOf(request), mayStay });
    },
  );
}
