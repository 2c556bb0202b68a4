/**
 * Asks the Gatekeeper once what became of a request: its callback comes only once, if at all.
 *
 * Invariant: no change is a failure that Temporal retries by itself. So the polling outlives every worker, holds no
 * slot while it waits, and costs the history nothing however long it takes.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { GatekeeperClient } from '../gatekeeper/client.js';
import { replyOf } from '../gatekeeper/reply.js';
import type { ManoReply, ManoStatus } from '../shared/mano/reply.js';

export interface FollowRequestInput {
  /** The Gatekeeper's id of the request. */
  requestId: string;
  /** Ours, of the attempt. */
  correlationId: string;
  /** The status that is known already; null: none. */
  known: ManoStatus | null;
}

export function createFollowRequest({ gatekeeper }: { gatekeeper: GatekeeperClient | null }) {
  return async ({ requestId, correlationId, known }: FollowRequestInput): Promise<ManoReply> => {
    if (gatekeeper === null) throw notYet('GATEKEEPER_URL is not set');
    const asked = await gatekeeper.get(requestId, Context.current().cancellationSignal);
    switch (asked.kind) {
      case 'unknown':
        // A proxy before it may answer so, while the Gatekeeper restarts.
        throw notYet('the Gatekeeper does not know it');
      case 'unreadable':
        throw notYet(asked.reason);
      case 'found': {
        const reply = replyOf(asked.request, { correlationId, receivedAt: new Date().toISOString() });
        if (reply === null || reply.status === known)
          throw notYet(`its status is ${asked.request.status ?? 'empty'}`);
        return reply;
      }
    }
  };
}

/** Part of the job: no warning, no alarm. */
function notYet(message: string): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'NothingNew',
    category: ApplicationFailureCategory.BENIGN,
  });
}
