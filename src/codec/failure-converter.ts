/**
 * Failures whose messages and stack traces travel as a payload, which the codec encrypts; what Temporal shows instead is
 * "Encoded failure". The type stays readable, because callers and retry policies match on it.
 *
 * For the workflow bundle and for the worker, each of which loads this file by its path.
 *
 * Invariants: no Node in it; a message for a reader without the key stays readable, and no such message holds
 * anything of a migration; a failure is converted as often as one likes, and loses nothing.
 */
import {
  ApplicationFailure,
  DefaultFailureConverter,
  type FailureConverter,
  type ProtoFailure,
} from '@temporalio/common';
import { ASK_AGAIN } from '../shared/retry-query.js';
import { UNREADABLE_PAYLOAD } from './unreadable-payload.js';

/** How the SDK answers a query that a workflow does not know. */
const NO_SUCH_QUERY = 'Workflow did not register a handler for ';

type Conversion = Parameters<FailureConverter['errorToFailure']>;

class EncodingFailureConverter extends DefaultFailureConverter {
  constructor() {
    super({ encodeCommonAttributes: true });
  }

  override errorToFailure(...conversion: Conversion): ProtoFailure {
    const failure = super.errorToFailure(...conversion);
    const [error] = conversion;
    return error instanceof Error && staysReadable(error) ? { ...failure, message: error.message } : failure;
  }

  /** A failure that came from Temporal is handed out as it is kept, and would be changed there. */
  override errorToFailureInner(...conversion: Conversion): ProtoFailure {
    return { ...super.errorToFailureInner(...conversion) };
  }
}

/** A failed query returns no payload: the server sends the message alone. */
function staysReadable(error: Error): boolean {
  const { message, name } = error;
  if (message === ASK_AGAIN || message.startsWith(NO_SUCH_QUERY)) return true;
  return (error instanceof ApplicationFailure ? error.type : name) === UNREADABLE_PAYLOAD;
}

/** By this name the SDK finds it. */
export const failureConverter: FailureConverter = new EncodingFailureConverter();
