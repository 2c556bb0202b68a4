/** Who a request is from: tokens, a proxy's headers, or nobody. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createIdentify, type Presented } from '../../../../src/console/access/identify.js';

const holder = (name: string, token: string) => ({
  name,
  role: 'operator' as const,
  hash: createHash('sha256').update(token).digest(),
});
const tokens = () => [holder('alice', 'good')];
const proxy = {
  addresses: ['10.1.0.0/16', 'fd00::/8'],
  actorHeader: 'x-email',
  groupsHeader: 'x-groups',
  operatorGroup: 'nfv-ops',
};
const request = (given: Partial<Presented>): Presented => ({
  headers: {},
  remoteAddress: '127.0.0.1',
  cookie: undefined,
  ...given,
});

describe('a caller', () => {
  it('with a token is who the file says', () => {
    const identify = createIdentify({ tokens, proxy: null });
    expect(identify(request({ headers: { authorization: 'Bearer good' } }))).toMatchObject({
      actor: 'alice',
    });
    expect(identify(request({ cookie: 'good' }))).toMatchObject({ actor: 'alice', role: 'operator' });
    expect(identify(request({}))).toBeNull();
    expect(identify(request({ headers: { authorization: 'Bearer bad' } }))).toBeNull();
    expect(identify(request({ headers: { authorization: 'Basic good' } }))).toBeNull();
  });

  it('with a wrong token is nobody, whatever else the request carries', () => {
    const identify = createIdentify({ tokens, proxy });
    const headers = { authorization: 'Bearer vnfc_bad', 'x-email': 'eve@example.org', 'x-groups': 'nfv-ops' };
    expect(identify(request({ headers, cookie: 'good', remoteAddress: '10.1.2.3' }))).toBeNull();
  });

  it('that a proxy has logged in is whom its headers name, and an operator by its group', () => {
    const identify = createIdentify({ tokens: null, proxy });
    const from = (remoteAddress: string, groups: string) =>
      identify(request({ headers: { 'x-email': 'ann@example.org', 'x-groups': groups }, remoteAddress }));
    expect(from('10.1.2.3', 'a, nfv-ops')).toEqual({
      actor: 'ann@example.org',
      role: 'operator',
      login: 'proxy',
    });
    expect(from('::ffff:10.1.2.3', 'nfv-ops-interns')).toMatchObject({ role: 'viewer' });
    expect(from('fd12::1', '')).toMatchObject({ role: 'viewer' });
  });

  it('that a proxy has logged in may carry a token of the proxy', () => {
    const identify = createIdentify({ tokens, proxy });
    const headers = { authorization: 'Bearer eyJhbGciOi', 'x-email': 'ann@example.org', 'x-groups': '' };
    expect(identify(request({ headers, remoteAddress: '10.1.2.3' }))).toMatchObject({ login: 'proxy' });
    expect(identify(request({ headers, remoteAddress: '127.0.0.1' }))).toBeNull();
  });

  it('that does not come from the proxy is nobody, whatever its headers say', () => {
    const identify = createIdentify({ tokens: null, proxy });
    const headers = { 'x-email': 'eve@example.org', 'x-groups': 'nfv-ops' };
    expect(identify(request({ headers, remoteAddress: '10.2.0.1' }))).toBeNull();
    expect(identify(request({ headers, remoteAddress: undefined }))).toBeNull();
    expect(identify(request({ headers: { 'x-email': ' ' }, remoteAddress: '10.1.2.3' }))).toBeNull();
  });

  it('where nothing logs anybody in may read', () => {
    const identify = createIdentify({ tokens: null, proxy: null });
    expect(identify(request({ headers: { authorization: 'Bearer x' } }))).toEqual({
      actor: null,
      role: 'viewer',
      login: 'none',
    });
  });
});
