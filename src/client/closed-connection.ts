/**
 * What becomes of a call that Temporal's client makes on a connection which was closed meanwhile.
 *
 * The SDK tries again after a pause, from a timer. gRPC throws there if the connection is gone, where no code can catch
 * it, and the process ends as if it had failed, although all that it was for is done. So such a try is no error but the
 * end of the call that it belongs to.
 */
import { InterceptingCall, Metadata, status, type Interceptor } from '@grpc/grpc-js';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

/** The SDK's own tries, which end with the connection. */
export function retriesUntilClosed(): Interceptor[] {
  return [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), endIfClosed];
}

type Call = ConstructorParameters<typeof InterceptingCall>[0];

const endIfClosed: Interceptor = (options, nextCall) => {
  try {
    return new InterceptingCall(nextCall(options));
  } catch (error) {
    return new InterceptingCall(endedCall(error instanceof Error ? error.message : String(error)));
  }
};

/** A connection that is never opened; its listeners receive the reason. */
function endedCall(details: string): Call {
  const nothing = (): void => undefined;
  return {
    start(_metadata, listener) {
      listener?.onReceiveMessage?.(null);
      listener?.onReceiveStatus?.({ code: status.CANCELLED, details, metadata: new Metadata() });
    },
    sendMessage: nothing,
    sendMessageWithContext: nothing,
    startRead: nothing,
    halfClose: nothing,
    cancelWithStatus: nothing,
    getPeer: () => '',
    getAuthContext: () => null,
  };
}
