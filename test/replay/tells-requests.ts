/** Interceptors that tell a replay which correlation ids the workflow has made, as part of its bundle. */
import { proxySinks, type Sinks, type WorkflowInterceptorsFactory } from '@temporalio/workflow';

export interface RequestSinks extends Sinks {
  requests: { made: (correlationId: string) => void };
}

export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity: (input, next) => {
        const { correlationId } = (input.args[0] ?? {}) as { correlationId?: unknown };
        if (typeof correlationId === 'string') proxySinks<RequestSinks>().requests.made(correlationId);
        return next(input);
      },
    },
  ],
});
