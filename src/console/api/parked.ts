/** Replies that reached us and no workflow. */
import { z } from 'zod';
import {
  dropParked,
  findParked,
  listParked,
  parkedRoomOf,
  replayParked,
  workflowOfParked,
  type ParkedOutcome,
  type ParkedSummary,
} from '../../listener/parked-replies.js';
import { messageOf } from '../../doctor/check.js';
import type { ConsoleContext } from '../context.js';
import { Problem } from '../problem.js';
import { SharedAnswers } from '../shared-answers.js';
import { actorOf, json, problems, type Api } from './app.js';

const summarySchema = z.object({
  id: z.string(),
  /** Why no workflow has it. */
  reason: z.string(),
  receivedAt: z.string(),
  correlationId: z.string(),
  topic: z.string(),
  appId: z.string(),
  bytes: z.int(),
  /** Null: it names none. */
  workflowId: z.string().nullable(),
});

const ids = z.array(z.string().min(1).max(200)).min(1).max(1_000);
const selectionSchema = z.union([z.strictObject({ ids }), z.strictObject({ all: z.literal(true) })], {
  error: 'expected {"ids": […]} or {"all": true}',
});

/** Ids of which nothing is parked, where others were found. */
const missing = z.array(z.string());

const tags = ['parked'];

/** One look at a time goes through the queue. */
const VALID_MS = 2_000;

export function parkedRoutes(api: Api, context: ConsoleContext): void {
  const room = parkedRoomOf(context.config);
  const lists = new SharedAnswers<ParkedSummary[]>(VALID_MS);
  /** What was done before a failure is done, and is told with it. */
  const changed = async <T>(what: string, work: (done: () => void) => Promise<T>): Promise<T> => {
    let count = 0;
    try {
      return await overBroker(
        work(() => (count += 1)),
        () => (count === 0 ? '' : ` further, after ${count} were ${what}`),
      );
    } finally {
      lists.forget();
    }
  };
  api.get(
    '/parked',
    {
      schema: {
        ...{ tags, summary: 'Parked replies, the oldest first' },
        response: { 200: json(z.object({ replies: z.array(summarySchema) }), 'all of them'), ...problems() },
      },
    },
    async () => ({ replies: (await lists.get('all', () => overBroker(listParked(room)))).map(viewOf) }),
  );
  api.get(
    '/parked/:id',
    {
      schema: {
        ...{ tags, summary: 'One of them, with its body' },
        params: z.object({ id: z.string().min(1).max(200) }),
        response: { 200: json(summarySchema.extend({ body: z.string() }), 'the reply'), ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const reply = await overBroker(findParked(room, id));
      if (reply === null) throw notParked([id]);
      return { ...viewOf(reply), body: reply.body };
    },
  );
  api.post(
    '/parked/replay',
    {
      schema: {
        ...{ tags, summary: 'Signal them to their workflows; nothing is published to the MANO' },
        body: selectionSchema,
        response: {
          200: json(
            z.object({
              replies: z.array(z.object({ id: z.string(), replayed: z.boolean(), text: z.string() })),
              missing,
            }),
            'what became of each',
          ),
          ...problems(404),
        },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const outcome = await changed('replayed', (done) =>
        replayParked(room, {
          ...{ client: context.client, selection: request.body },
          tell: ({ id, correlationId, replayed }) => {
            if (!replayed) return;
            done();
            request.log.info({ id, correlationId, actor }, 'replayed a parked reply');
          },
        }),
      );
      const replies = outcome.replies.map(({ id, replayed, text }) => ({ id, replayed, text }));
      return { replies, missing: missingOf(outcome) };
    },
  );
  api.post(
    '/parked/drop',
    {
      schema: {
        ...{ tags, summary: 'Throw them away' },
        body: selectionSchema,
        response: {
          200: json(z.object({ dropped: z.array(z.string()), missing }), 'their ids'),
          ...problems(404),
        },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const outcome = await changed('dropped', (done) =>
        dropParked(room, {
          selection: request.body,
          // Nothing else keeps who dropped what, and the broker may be lost on the way.
          tell: ({ id, correlationId }) => {
            done();
            request.log.info({ id, correlationId, actor }, 'dropped a parked reply');
          },
        }),
      );
      return { dropped: outcome.replies.map(({ id }) => id), missing: missingOf(outcome) };
    },
  );
}

/** Whatever goes wrong with the queue, goes wrong with the broker, or somebody else looks through it. */
async function overBroker<T>(work: Promise<T>, happened = (): string => ''): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const detail = `the parked replies cannot be read${happened()}: ${messageOf(error)}`;
    throw new Problem('unavailable', { detail, cause: error });
  }
}

function viewOf({ id, reason, receivedAt, correlationId, topic, appId, bytes }: ParkedSummary) {
  const workflowId = workflowOfParked({ correlationId });
  return { id, reason, receivedAt, correlationId, topic, appId, bytes, workflowId };
}

/** What was found was dealt with all the same. @throws Problem if that is nothing */
function missingOf({ replies, missing: ids }: ParkedOutcome<unknown>): string[] {
  if (replies.length === 0 && ids.length > 0) throw notParked(ids);
  return ids;
}

function notParked(absent: readonly string[]): Problem {
  return new Problem('not-found', `nothing with the id ${absent.join(', ')} is parked`);
}
