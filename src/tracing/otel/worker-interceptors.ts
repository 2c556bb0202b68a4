/** What a worker does with traces: activities and Nexus operations go on with the trace of their workflow or caller. */
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryActivityOutboundInterceptor,
  OpenTelemetryNexusInboundInterceptor,
  OpenTelemetryNexusOutboundInterceptor,
} from '@temporalio/interceptors-opentelemetry/lib/worker/index.js';
import type { ActivityInterceptorsFactory, WorkerInterceptors } from '@temporalio/worker';
import { contextOfRun, TRACE_HEADER, type Carrier } from '../../shared/trace-context.js';
import { clientInterceptors } from './client-interceptors.js';
import { rememberRequest } from './requests.js';

export function workerInterceptors(): WorkerInterceptors {
  return {
    client: { workflow: clientInterceptors() },
    activity: [
      (activity) => ({
        inbound: new OpenTelemetryActivityInboundInterceptor(activity),
        outbound: new OpenTelemetryActivityOutboundInterceptor(activity),
      }),
      rememberRequests,
    ],
    nexus: [
      (operation) => ({
        inbound: new OpenTelemetryNexusInboundInterceptor(operation),
        outbound: new OpenTelemetryNexusOutboundInterceptor(operation),
      }),
    ],
  };
}

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
