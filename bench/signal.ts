/**
 * Measures the time from a reply on the bus to its signal in a workflow's history: our listener compared with a
 * bare consumer that decodes, signals and acks.
 *
 * No worker runs these workflows. The time of acceptance is the server's, from the history. The time of sending is
 * that of this process. Both clocks must be those of one machine.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { makeCorrelationId } from '../src/shared/correlation-id.js';
import { BareWorkflow } from '../test/support/bare-workflow.js';
import { wallClockMs } from './clock.js';
import { limiter, times } from './drive.js';
import { compared, inRotation, median, type BenchContext, type Figure, type Goal } from './harness.js';
import { READY_BODY } from './mano.js';
import { until, withSides, type Side, type Stage } from './stage.js';

const ONE_BY_ONE = 30;
/** Long enough for a reply to be accepted before the next one is sent. */
const PAUSE_MS = 100;
const ROUNDS = 5;
const STARTS_AT_ONCE = 50;
const GOAL: Goal = { of: 'ratio', atMost: 1.2 };

export async function signal(context: BenchContext): Promise<Figure[]> {
  const { stage, atOnce, rounds, report } = context;
  return await withSides(stage, async ({ ours, bare }) => {
    const measure = async (what: string, round: (side: Side) => Promise<number>): Promise<Figure> => {
      const subjects = { ours: () => round(ours), bare: () => round(bare) };
      const tookMs = await inRotation({ what, rounds: rounds(ROUNDS), subjects, report });
      const reference = { name: 'bare', values: tookMs.bare };
      return compared({ what, unit: 'ms', ours: tookMs.ours, reference, goal: GOAL });
    };
    return [
      await measure('reply to signal, one after the other', (side) => oneAfterTheOther(stage, side)),
      await measure(`reply to signal, ${String(atOnce)} at once`, (side) =>
        allAtOnce(stage, { side, count: atOnce }),
      ),
    ];
  });
}

async function oneAfterTheOther(stage: Stage, side: Side): Promise<number> {
  const workflow = await BareWorkflow.start(stage.client);
  const sentAtMs = new Map<string, number>();
  for (let nth = 0; nth < ONE_BY_ONE; nth += 1) {
    send(side, { workflow, sentAtMs });
    await delay(PAUSE_MS);
  }
  const tookMs = await tookOf(workflow, sentAtMs);
  await workflow.terminate();
  return median(tookMs);
}

async function allAtOnce(stage: Stage, { side, count }: { side: Side; count: number }): Promise<number> {
  const some = limiter(STARTS_AT_ONCE);
  const workflows = await times(count, () => some(() => BareWorkflow.start(stage.client)));
  const sentAtMs = workflows.map((workflow) => {
    const sent = new Map<string, number>();
    send(side, { workflow, sentAtMs: sent });
    return { workflow, sent };
  });
  const tookMs: number[] = [];
  for (const { workflow, sent } of sentAtMs) tookMs.push(...(await tookOf(workflow, sent)));
  await Promise.all(workflows.map((workflow) => some(() => workflow.terminate())));
  return median(tookMs);
}

/** Sends a READY for the workflow, as if it had sent a request. */
function send(
  { mano, deployment }: Side,
  { workflow, sentAtMs }: { workflow: BareWorkflow; sentAtMs: Map<string, number> },
): void {
  const { workflowId } = workflow;
  const correlationId = makeCorrelationId({ deployment, workflowId, nonce: randomUUID().slice(0, 8) });
  sentAtMs.set(correlationId, wallClockMs());
  mano.send({ correlationId, body: READY_BODY });
}

/** Waits until all of them have arrived. */
async function tookOf(workflow: BareWorkflow, sentAtMs: ReadonlyMap<string, number>): Promise<number[]> {
  let arrivals: Awaited<ReturnType<BareWorkflow['arrivals']>> = [];
  await until('signals in the history', async () => {
    arrivals = await workflow.arrivals();
    return arrivals.length === sentAtMs.size;
  });
  return arrivals.map(({ reply, atMs }) => atMs - (sentAtMs.get(reply.correlationId) ?? NaN));
}
