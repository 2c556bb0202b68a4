/**
 * What a client of Temporal does with traces: the trace of its caller goes on in what it starts and signals.
 *
 * Invariant: only orders are spans. Whoever follows a migration asks for it every second, which would hide them.
 */
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client/index.js';

export function clientInterceptors(): WorkflowClientInterceptor[] {
  const all = new OpenTelemetryWorkflowClientInterceptor();
  return [
    {
      startWithDetails: (input, next) => all.startWithDetails(input, next),
      signal: (input, next) => all.signal(input, next),
      signalWithStart: (input, next) => all.signalWithStart(input, next),
      startUpdate: (input, next) => all.startUpdate(input, next),
      startUpdateWithStart: (input, next) => all.startUpdateWithStart(input, next),
      cancel: (input, next) => all.cancel(input, next),
      terminate: (input, next) => all.terminate(input, next),
    },
  ];
}
