/**
 * The trace that a reply belongs to. The MANO carries no headers, so only its correlation id is there to go by: it names the
 * workflow, whose first event has the trace of its caller.
 *
 * Invariants: a reply is signalled whether its trace is found or not, and waits for it a fraction of a second at most, while
 * Temporal does not answer only once in a while. What is kept is bounded, and lost without harm.
 */
import { status } from '@grpc/grpc-js';
import { isGrpcServiceError, type Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { contextOfRun, TRACE_HEADER, type Carrier } from '../shared/trace-context.js';
import { activeTracing } from '../tracing/tracing.js';

export interface RepliedTo {
  workflowId: string;
  correlationId: string;
}

/** Null: it is not known, and the span of the reply begins a trace of its own. */
export type FindTrace = (request: RepliedTo) => Promise<Carrier | null>;

const WITHIN_MS = 250;
/** After a question that was not answered: replies must not wait one after the other. */
const NOT_AGAIN_FOR_MS = 5_000;
const MOST_KEPT = 10_000;

export function createFindTrace(client: Client): FindTrace {
  const kept = new Map<string, Carrier | null>();
  let notBeforeMs = 0;
  const ask = async ({ workflowId, correlationId }: RepliedTo): Promise<Carrier | null> => {
    try {
      const carrier = await client.withDeadline(Date.now() + WITHIN_MS, () => traceOf(client, workflowId));
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(correlationId, carrier);
      return carrier;
    } catch (error) {
      // Temporal has answered: there is no such workflow. Whoever makes up ids must not switch this off for others.
      const isAnswer = isGrpcServiceError(error) && error.code === status.NOT_FOUND;
      if (!isAnswer) notBeforeMs = Date.now() + NOT_AGAIN_FOR_MS;
      return null;
    }
  };
  return async (request) => {
    const tracing = activeTracing();
    if (tracing === null) return null;
    const { correlationId } = request;
    const known = tracing.traceOfRequest(correlationId) ?? kept.get(correlationId);
    if (known !== undefined) return known;
    return Date.now() < notBeforeMs ? null : await ask(request);
  };
}

/** Below the span of the run, whose id follows from the run. */
async function traceOf(client: Client, workflowId: string): Promise<Carrier | null> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  if (started == null) return null;
  const payload = started.header?.fields?.[TRACE_HEADER];
  const header = payload == null ? null : defaultPayloadConverter.fromPayload<Carrier>(payload);
  return contextOfRun(started.originalExecutionRunId ?? '', header).carrier;
}
