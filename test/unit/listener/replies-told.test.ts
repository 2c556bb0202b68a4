/** Of replies that tell the same, one is told; none is lost because another failed. */
import { describe, expect, it } from 'vitest';
import type { DeliveryOutcome } from '../../../src/listener/delivery-outcomes.js';
import { RepliesTold } from '../../../src/listener/replies-told.js';

const ack = { correlationId: 'vnfm:d:w:1', kind: 'MIGRATING', times: 1 };

function teller() {
  const told = new RepliesTold();
  const outcomes: DeliveryOutcome[] = [];
  const tell = (telling: typeof ack, outcome: DeliveryOutcome | Error): Promise<DeliveryOutcome> =>
    told.once(telling, async () => {
      await Promise.resolve();
      if (outcome instanceof Error) throw outcome;
      outcomes.push(outcome);
      return outcome;
    });
  return { tell, outcomes };
}

describe('replies that tell the same', () => {
  it('are told once, also where they come at the same time', async () => {
    const { tell, outcomes } = teller();
    const fates = await Promise.all([1, 2, 3].map(() => tell(ack, 'signalled')));
    expect(fates).toEqual(['signalled', 'repeated', 'repeated']);
    expect(outcomes).toEqual(['signalled']);
  });

  it('are told again while none was taken', async () => {
    const { tell } = teller();
    const fates = [tell(ack, 'requeued'), tell(ack, new Error('no confirm')), tell(ack, 'parked')];
    expect(await Promise.allSettled([...fates, tell(ack, 'parked')])).toEqual([
      { status: 'fulfilled', value: 'requeued' },
      { status: 'rejected', reason: new Error('no confirm') },
      { status: 'fulfilled', value: 'parked' },
      { status: 'fulfilled', value: 'repeated' },
    ]);
  });

  it('are told as often as they may hold something else', async () => {
    const { tell } = teller();
    const unreadable = { ...ack, kind: 'unreadable', times: 2 };
    expect(await Promise.all([1, 2, 3].map(() => tell(unreadable, 'parked')))).toEqual([
      'parked',
      'parked',
      'repeated',
    ]);
  });

  it('of other kinds, and to other requests, are told', async () => {
    const { tell } = teller();
    await tell(ack, 'signalled');
    expect(await tell({ ...ack, kind: 'READY ' }, 'signalled')).toBe('signalled');
    expect(await tell({ ...ack, correlationId: 'vnfm:d:w:2' }, 'signalled')).toBe('signalled');
  });

  it('are forgotten, those of the request first that was silent longest', async () => {
    const { tell } = teller();
    await tell(ack, 'signalled');
    for (let index = 0; index < 20_000; index += 1) {
      await tell({ ...ack, correlationId: `vnfm:d:w:other-${String(index)}` }, 'signalled');
      if (index === 10_000) expect(await tell(ack, 'signalled')).toBe('repeated');
    }
    expect(await tell(ack, 'signalled')).toBe('repeated');
    expect(await tell({ ...ack, correlationId: 'vnfm:d:w:other-0' }, 'signalled')).toBe('signalled');
  });
});
