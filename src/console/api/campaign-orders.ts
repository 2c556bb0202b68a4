/** Orders to a campaign that runs: one route each, made of the schemas that the workflow checks them by. */
import { z } from 'zod';
import { findCampaign } from '../../client/find-campaign.js';
import {
  controlSchemas,
  MAX_ITEMS,
  type ControlInput,
  type ControlName,
} from '../../shared/campaign/contract.js';
import { within, type ConsoleContext } from '../context.js';
import { Problem } from '../problem.js';
import { actorOf, json, problems, type Api } from './app.js';
import { campaignParams } from './campaign-live.js';
import { itemBodySchema, itemsWithNames } from './named-vims.js';
import { campaignProgress } from './named-schemas.js';

const SUMMARIES = {
  pause: 'Start no more items until resume; what runs goes on',
  resume: 'Go on after any pause',
  abort: 'Cancel what has not begun, and end when what runs has ended',
  approve: 'Open the gate that it waits at',
  startNow: 'Start items in spite of windows, notBefore and soak, until the windows change next',
  retryFailed: 'Take up again what failed, is unknown or was cancelled',
  skip: 'Leave out items that have not begun',
  setLimits: 'Change how many migrations are in flight at a time',
  setBudget: 'Change how many failures are too many',
  setWindows: 'Change when items may start',
  reprioritize: 'Give items that have not begun another priority',
  addItems: 'Add items; their VIMs by name or uuid',
} as const satisfies Record<ControlName, string>;

const ORDERS = Object.keys(SUMMARIES) as ControlName[];

const idempotencyHeaders = z.object({
  /** The same order under the same key is carried out once. */
  'idempotency-key': z.string().min(1).max(100).optional(),
});

export function campaignOrderRoutes(api: Api, context: ConsoleContext): void {
  for (const order of ORDERS) {
    api.post(
      `/campaigns/:id/orders/${pathOf(order)}`,
      {
        schema: {
          tags: ['orders'],
          summary: SUMMARIES[order],
          params: campaignParams,
          headers: idempotencyHeaders,
          body: bodyOf(order),
          response: { 200: json(campaignProgress, 'the campaign after it'), ...problems(404, 409) },
        },
      },
      async (request) => {
        const { id } = request.params;
        const idempotencyKey = request.headers['idempotency-key'];
        const given = request.body as Record<string, unknown>;
        const body = order === 'addItems' ? await itemsWithNames(context, given) : given;
        const input = { ...body, actor: actorOf(request) } as ControlInput<typeof order>;
        const workflowId = await runningCampaign(context, id);
        const progress = await context.campaigns.control(workflowId, {
          ...{ order, input },
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        });
        context.campaignFeeds.of(workflowId).source.forgetAudit();
        return progress;
      },
    );
  }
}

/** @throws Problem if it has ended, or there is none */
async function runningCampaign(context: ConsoleContext, id: string): Promise<string> {
  const { workflowId, isRunning } = await within(context, () => findCampaign(context, id));
  if (!isRunning) throw new Problem('refused', `${workflowId} has ended already`);
  return workflowId;
}

/** `setLimits` → `set-limits`. */
function pathOf(order: ControlName): string {
  return order.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Who orders it is who is logged in. */
function bodyOf(order: ControlName): z.ZodType {
  const schemas = controlSchemas();
  if (order !== 'addItems') return (schemas[order] as z.ZodObject).omit({ actor: true });
  return schemas.addItems
    .omit({ actor: true, items: true })
    .extend({ items: z.array(itemBodySchema).min(1).max(MAX_ITEMS) });
}
