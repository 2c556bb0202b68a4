/** Names of campaigns that nobody gave. */
import { describe, expect, it } from 'vitest';
import { defaultName, nameOfRetry } from '../../../src/client/campaign-name.js';
import { uuid } from '../../support/campaign-report.js';

const [A, B] = [uuid(3, 1), uuid(3, 2)];

describe('the name', () => {
  it('of an evacuation has the first VIM, and how many more there are', () => {
    expect(defaultName({ evacuate: { vims: [A] } })).toBe(`evacuate-${A.slice(0, 8)}`);
    expect(defaultName({ evacuate: { vims: [A, B] } })).toBe(`evacuate-${A.slice(0, 8)}-and-1`);
  });

  it('of a list is the same for the same VNFs, in whatever order and case', () => {
    const item = (vnf: number) => ({ serviceInstanceUuid: uuid(2, 1), vnfUuid: uuid(1, vnf) });
    const upper = ({ vnfUuid, ...more }: ReturnType<typeof item>) => ({
      ...more,
      vnfUuid: vnfUuid.toUpperCase(),
    });
    const name = defaultName({ items: [item(1), item(2)] });
    expect(name).toMatch(/^items-[0-9a-f]{8}$/);
    expect(defaultName({ items: [item(2), upper(item(1))] })).toBe(name);
    expect(defaultName({ items: [item(1)] })).not.toBe(name);
  });

  it.each([
    ['x', 'x~2'],
    ['x~2', 'x~3'],
    ['x~9', 'x~10'],
    ['x~', 'x~~2'],
    ['orders/2026: rack 4', 'orders-2026-rack-4~2'],
    ['orders/2026: rack 4~2', 'orders-2026-rack-4~3'],
    ['/', 'campaign~2'],
    ['x'.repeat(200), `${'x'.repeat(98)}~2`],
  ])('of a retry of %s is %s', (name, retry) => {
    expect(nameOfRetry(name)).toBe(retry);
  });
});
