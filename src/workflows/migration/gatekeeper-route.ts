/**
 * The Gatekeeper route to the MANO: the requests there, and how their results arrive.
 *
 * Invariants: a request is posted at most once; each one that the Gatekeeper is known to have is asked after until
 * it is READY, refused, or the migration has ended, because its callback comes once, if at all; its content is a fact like
 * any other, whichever way it came.
 */
import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { ManoReply, ManoStatus } from '../../shared/mano/reply.js';

/** No change is a failed activity attempt: the server retries it, and the history does not grow. */
const FIRST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 15_000;
const POLL_BACKOFF = 1.5;
const ONE_POLL_MS = 30_000;

export class GatekeeperRequests {
  /** The Gatekeeper's id of each of our requests, by their correlation ids. */
  private readonly followed = new Map<string, string>();

  constructor(private readonly options: { deadlineMs: number; onReply: (reply: ManoReply) => void }) {}

  /** Whether a reply may be of this request: the Gatekeeper's id of it is the one we know, or we know none. */
  isOurs({ correlationId, requestId }: ManoReply): boolean {
    const known = this.followed.get(correlationId);
    return known === undefined || requestId === undefined || known === requestId;
  }

  /** Asks after a request from now on, unless it is followed already. */
  follow({ correlationId, requestId }: { correlationId: string; requestId: string }): void {
    if (this.followed.has(correlationId)) return;
    this.followed.set(correlationId, requestId);
    // Cancelled with the migration, or out of time: time limits decide.
    this.ask({ correlationId, requestId }).catch(() => undefined);
  }

  private async ask(request: { correlationId: string; requestId: string }): Promise<void> {
    const { followRequest } = proxyActivities<Activities>({
      startToCloseTimeout: ONE_POLL_MS,
      scheduleToCloseTimeout: this.options.deadlineMs,
      retry: {
        initialInterval: FIRST_POLL_MS,
        backoffCoefficient: POLL_BACKOFF,
        maximumInterval: LONGEST_POLL_MS,
      },
    });
    let known: ManoStatus | null = null;
    let isRefused = false;
    while (known !== 'READY' && !isRefused) {
      const reply: ManoReply = await followRequest({ ...request, known });
      known = reply.status;
      // Nothing comes after a refusal, and requests that are refused can be many.
      isRefused = known === 'ERROR' && !reply.isFinal;
      this.options.onReply(reply);
    }
  }
}
