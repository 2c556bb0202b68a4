/** Queries of lists: whatever a value holds, it stays a value. */
import { describe, expect, it } from 'vitest';
import { campaignsQuery } from '../../../src/client/campaigns-query.js';
import { migrationsQuery } from '../../../src/client/migration-list.js';
import { cursorOf, listedStatus, tokenOf } from '../../../src/client/visibility.js';

describe('a query', () => {
  it('filters by what is given, and by nothing else', () => {
    expect(migrationsQuery({})).toBe(`WorkflowType = 'migrateVnf'`);
    expect(migrationsQuery({ status: 'Running', vim: 'x', campaign: 'vnf-campaign/y' })).toBe(
      `WorkflowType = 'migrateVnf' AND ExecutionStatus = 'Running' AND VnfTargetVim = 'x' ` +
        `AND VnfCampaign = 'vnf-campaign/y'`,
    );
  });

  it('of campaigns leaves out the runs that went on as others', () => {
    expect(campaignsQuery({ status: 'Failed' })).toBe(
      `WorkflowType = 'migrationCampaign' AND ExecutionStatus = 'Failed' AND ExecutionStatus != 'ContinuedAsNew'`,
    );
  });

  it('has every value quoted', () => {
    expect(migrationsQuery({ campaign: `x' OR '1'='1` })).toContain(`VnfCampaign = 'x\\' OR \\'1\\'=\\'1'`);
    expect(migrationsQuery({ campaign: `x\\` })).toContain(`VnfCampaign = 'x\\\\'`);
  });
});

it('a status is read in any case', () => {
  expect(listedStatus('TIMEDOUT')).toBe('TimedOut');
  expect(listedStatus('paused')).toBeNull();
});

describe('a cursor', () => {
  const token = new TextEncoder().encode('{"RunID":"x"}');

  it('leads to the token that it was made of', () => {
    expect(Buffer.from(tokenOf(cursorOf(token, 'q'), 'q'))).toEqual(Buffer.from(token));
  });

  it.each([
    ['nothing', ''],
    ['no base64url', '!?'],
    ['a token without its checksum', Buffer.from(token).toString('base64url')],
    ['cut off', cursorOf(token, 'q').slice(0, -2)],
    ['padded', `${cursorOf(token, 'q')}=`],
    ['of another list', cursorOf(token, 'another')],
  ])('that is %s is refused', (_, cursor) => {
    expect(() => tokenOf(cursor, 'q')).toThrow(expect.objectContaining({ name: 'InvalidCursorError' }));
  });
});
