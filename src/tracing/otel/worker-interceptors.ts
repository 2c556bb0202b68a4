/**
 * What a worker does with traces: activities and Nexus operations go on with the trace of their workflow or caller.
 *
 * Invariant: a failure is told by its type. Temporal's own interceptors tell its message, which is encrypted in Temporal
 * where payloads are.
 */
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  OpenTelemetryActivityOutboundInterceptor,
  OpenTelemetryNexusOutboundInterceptor,
} from '@temporalio/interceptors-opentelemetry/lib/worker/index.js';
import type {
  ActivityInterceptorsFactory,
  NexusCancelOperationInput,
  NexusInboundCallsInterceptor,
  NexusStartOperationInput,
  WorkerInterceptors,
} from '@temporalio/worker';
import { contextOfRun, TRACE_HEADER, type Carrier } from '../../shared/trace-context.js';
import { inSpan, type SpanSpec } from '../tracing.js';
import { clientInterceptors } from './client-interceptors.js';
import { rememberRequest } from './requests.js';

export function workerInterceptors(): WorkerInterceptors {
  return {
    client: { workflow: clientInterceptors() },
    activity: [traceActivities, rememberRequests],
    nexus: [
      (operation) => ({
        inbound: traceOperations,
        outbound: new OpenTelemetryNexusOutboundInterceptor(operation),
      }),
    ],
  };
}

const traceOperations: NexusInboundCallsInterceptor = {
  startOperation: (input, next) => inSpan(operationSpan('RunStartNexusOperation', input), () => next(input)),
  cancelOperation: (input, next) =>
    inSpan(operationSpan('RunCancelNexusOperation', input), () => next(input)),
};

function operationSpan(
  name: string,
  { ctx }: NexusStartOperationInput | NexusCancelOperationInput,
): SpanSpec {
  const { service, operation, headers } = ctx;
  const attributes = { nexusService: service, nexusOperation: operation };
  return { name: `${name}:${service}/${operation}`, kind: 'server', attributes, parent: headers };
}

const traceActivities: ActivityInterceptorsFactory = (activity) => ({
  inbound: {
    execute: (input, next) => {
      const { activityType, activityId, workflowExecution } = activity.info;
      const { workflowId, runId } = workflowExecution ?? {};
      const attributes = { temporalActivityId: activityId, temporalWorkflowId: workflowId, run_id: runId };
      const parent = carrierIn(input.headers);
      const spec = { name: `RunActivity:${activityType}`, kind: 'internal' as const, attributes, parent };
      return inSpan(spec, () => next(input));
    },
  },
  outbound: new OpenTelemetryActivityOutboundInterceptor(activity),
});

/** The trace of each request that is sent from here, for its replies: below the span of the whole run. */
const rememberRequests: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: (input, next) => {
      const { correlationId } = (input.args[0] ?? {}) as { correlationId?: unknown };
      const runId = info.workflowExecution?.runId;
      const carrier = carrierIn(input.headers);
      if (typeof correlationId === 'string' && runId !== undefined && carrier !== null)
        rememberRequest(correlationId, contextOfRun(runId, carrier).carrier);
      return next(input);
    },
  },
});

function carrierIn(headers: Headers): Carrier | null {
  const payload = headers[TRACE_HEADER];
  return payload === undefined ? null : defaultPayloadConverter.fromPayload<Carrier>(payload);
}
