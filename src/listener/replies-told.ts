/**
 * What was told to workflows of late, so that a flood of replies to one request does not fill the history of its
 * workflow, or the queue of parked replies.
 *
 * Invariants:
 * T1 Nothing counts as told before Temporal, or the parked queue, has it. What failed is told by the next that comes.
 * T2 Of one kind for one correlation id at most `times` are told; of the same kind one at a time.
 * T3 Bounded: the correlation id that was silent longest is forgotten. Then a reply is told once more, which changes nothing.
 */
import { forgetOldest } from '../shared/forget-oldest.js';
import type { DeliveryOutcome } from './delivery-outcomes.js';

export interface Telling {
  correlationId: string;
  /** Deliveries of one kind tell the same. */
  kind: string;
  times: number;
}

interface Kind {
  told: number;
  /** Settles when the delivery that is told now was told, or was not. */
  telling: Promise<unknown> | null;
}

const MOST_CORRELATION_IDS = 20_000;

export class RepliesTold {
  /** By correlation id; the one that was silent longest comes first. */
  private readonly kinds = new Map<string, Map<string, Kind>>();

  /** Runs `tell`, or resolves to 'repeated' where enough of that kind was told. Throws what `tell` throws. */
  async once(telling: Telling, tell: () => Promise<DeliveryOutcome>): Promise<DeliveryOutcome> {
    const kind = this.kindOf(telling);
    while (kind.telling !== null) await kind.telling;
    if (kind.told >= telling.times) return 'repeated';
    const outcome = tell();
    kind.telling = outcome.catch(() => undefined);
    try {
      if ((await outcome) !== 'requeued') kind.told += 1;
      return await outcome;
    } finally {
      kind.telling = null;
    }
  }

  private kindOf({ correlationId, kind }: Telling): Kind {
    const ofId = this.kinds.get(correlationId) ?? new Map<string, Kind>();
    this.kinds.delete(correlationId);
    this.kinds.set(correlationId, ofId);
    forgetOldest(this.kinds, MOST_CORRELATION_IDS);
    const known = ofId.get(kind) ?? { told: 0, telling: null };
    ofId.set(kind, known);
    return known;
  }
}
