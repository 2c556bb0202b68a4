/** Campaigns bound to windows, ramp-up and soak; items that are added, or get another priority, while it runs. */
import { describe, expect, it } from 'vitest';
import { campaignOf, ENDINGS, Play, service, STARTED_AT_MS, uuid, vim, type Given } from './play.js';

const HOUR_MS = 3_600_000;
/** 22:13:20 UTC. */
const FIRST_NIGHT = { kind: 'allow', cron: '0 23 * * *', duration: '2h', timeZone: 'UTC' } as const;

const items = (count: number, more: object = {}): Given['items'] =>
  Array.from({ length: count }, (_, index) => ({
    service: index,
    source: index,
    target: 20 + index,
    ...more,
  }));

const reasons = ({ state }: Play): string[] =>
  state.items.map((item) => state.waitReasonOf(item) ?? item.state);

const audit = ({ state }: Play): string[] => state.audit.view().map(({ action }) => action);

describe('windows', () => {
  const night = (): Play => new Play(campaignOf({ items: items(3), windows: [FIRST_NIGHT], cutoff: '30m' }));

  it('let nothing start before they open, and nothing that would outlast them', () => {
    const game = night();
    expect(reasons(game)).toEqual(['window', 'window', 'window']);
    const opensMs = Date.UTC(2023, 10, 14, 23);
    expect(game.state.nextWakeMs()).toBe(opensMs);
    game.pass(opensMs - STARTED_AT_MS - 1);
    expect(game.inFlight()).toHaveLength(0);
    game.pass(1);
    expect(game.inFlight()).toHaveLength(3);
    game.end(game.item(0), ENDINGS['busy']!);
    game.pass(1.5 * HOUR_MS);
    expect(reasons(game)).toEqual(['window', 'RUNNING', 'RUNNING']);
    expect(audit(game)).toEqual(['window-closed', 'window-opened', 'window-closed']);
  });

  it('are lifted by startNow until they change, and the order is in the trail', () => {
    const game = night();
    expect(game.order('startNow')).toBe(true);
    expect(game.inFlight()).toHaveLength(3);
    expect(audit(game)).toContain('startNow');
    game.end(game.item(0), ENDINGS['busy']!);
    game.carry();
    game.pass(3 * HOUR_MS);
    // The window has opened and closed meanwhile.
    expect(reasons(game)[0]).toBe('window');
    expect(night().order('setWindows', { windows: null })).toBe(true);
  });

  it('do not keep orders away', () => {
    const game = night();
    for (const order of ['pause', 'resume', 'abort'] as const) expect(game.order(order)).toBe(true);
    expect(game.state.isDone).toBe(true);
  });

  it('that never open are refused', () => {
    const past = { kind: 'allow', from: '2020-01-01T00:00Z', until: '2020-01-02T00:00Z' } as const;
    expect(night().order('setWindows', { windows: [past] })).toBe(false);
    expect(night().order('setWindows', { cutoff: '2h' })).toBe(false);
    expect(night().order('setWindows', { cutoff: '1h' })).toBe(true);
  });

  it('close as early as this campaign has learnt that its migrations take', () => {
    const game = new Play(
      campaignOf({
        items: items(7),
        windows: [FIRST_NIGHT],
        limits: { total: 1 },
        policy: { finalTimeout: '90m' },
      }),
    );
    expect(game.state.cutoffMs).toBe(1.5 * HOUR_MS);
    game.pass(Date.UTC(2023, 10, 14, 23) - STARTED_AT_MS);
    for (let nth = 0; nth < 5; nth += 1) {
      game.pass(60_000);
      game.end(game.item(nth), ENDINGS['migrated']!);
    }
    expect(game.state.cutoffMs).toBe(60_000);
    game.carry();
    expect(game.state.cutoffMs).toBe(60_000);
  });
});

describe('notBefore', () => {
  it('holds all until then', () => {
    const notBefore = new Date(STARTED_AT_MS + HOUR_MS).toISOString();
    const game = new Play(campaignOf({ items: items(2), notBefore }));
    expect(reasons(game)).toEqual(['not-before', 'not-before']);
    game.pass(HOUR_MS);
    expect(game.inFlight()).toHaveLength(2);
  });
});

describe('the ramp-up', () => {
  it('lets as many run as the campaign has earned', () => {
    const game = new Play(
      campaignOf({ items: items(12), limits: { total: 4 }, rampUp: { from: 1, factor: 2 } }),
    );
    const widths: number[] = [];
    while (game.inFlight().length > 0) {
      widths.push(game.inFlight().length);
      game.end(game.inFlight()[0]!, ENDINGS[widths.length === 4 ? 'failed' : 'migrated']!);
    }
    expect(widths.slice(0, 7)).toEqual([1, 2, 2, 4, 3, 2, 4]);
    expect(reasons(game)).not.toContain('ramp-up');
  });
});

describe('the soak', () => {
  const soaked = (more: Partial<Given> = {}): Play =>
    new Play(
      campaignOf({
        items: [...items(1), { service: 8, source: 8, target: 30, wave: 2 }],
        waves: { soak: '10m' },
        budget: { maxErrors: '100%' },
        ...more,
      }),
    );

  it('keeps the next wave from its start', () => {
    const game = soaked();
    game.end(game.item(0), ENDINGS['migrated']!);
    expect(reasons(game)).toEqual(['MIGRATED', 'soak']);
    game.carry();
    game.pass(600_000 - 1);
    expect(game.inFlight()).toHaveLength(0);
    game.pass(1);
    expect(game.inFlight()).toHaveLength(1);
  });

  it('comes before the approval', () => {
    const game = soaked({ waves: { soak: '10m', gate: 'manual' } });
    game.end(game.item(0), ENDINGS['migrated']!);
    expect(game.order('approve')).toBe(false);
    game.pass(600_000);
    expect(reasons(game)).toEqual(['MIGRATED', 'gate']);
    expect(game.state.nextWakeMs()).toBeNull();
    expect(game.order('approve')).toBe(true);
    expect(game.inFlight()).toHaveLength(1);
  });

  it('is ended by startNow', () => {
    const game = soaked();
    expect(game.order('startNow')).toBe(false);
    game.end(game.item(0), ENDINGS['migrated']!);
    expect(game.order('startNow')).toBe(true);
    expect(game.inFlight()).toHaveLength(1);
  });

  it('begins anew after items of the wave before', () => {
    const game = soaked();
    game.end(game.item(0), ENDINGS['failed']!);
    game.order('retryFailed');
    expect(reasons(game)[1]).toBe('gate');
    game.state.lookUps.forEach((item) => game.lookUp(item, { isListed: true }));
    game.pass(600_000);
    game.end(game.item(0), ENDINGS['migrated']!);
    expect(reasons(game)[1]).toBe('soak');
  });
});

describe('items that are added', () => {
  const addition = (nth: number, more: object = {}): object => ({
    serviceInstanceUuid: service(90 + nth),
    vnfUuid: uuid(900 + nth),
    vimUuid: vim(5),
    ...more,
  });

  it('start in the wave that they name', () => {
    const game = new Play(campaignOf({ items: items(1) }));
    expect(game.order('addItems', { items: [addition(1), addition(2, { wave: 2 })] })).toBe(true);
    expect(reasons(game)).toEqual(['RUNNING', 'RUNNING', 'gate']);
    game.end(game.item(0), ENDINGS['migrated']!);
    game.end(game.item(1), ENDINGS['migrated']!);
    expect(reasons(game)).toEqual(['MIGRATED', 'MIGRATED', 'RUNNING']);
  });

  it('are refused by name where the campaign has them, or has moved them', () => {
    const game = new Play(campaignOf({ items: items(1) }));
    game.end(game.item(0), ENDINGS['migrated']!);
    const { newVnf } = game.item(0);
    for (const vnfUuid of [uuid(1), newVnf]) {
      expect(game.order('addItems', { items: [addition(1), addition(2, { vnfUuid })] })).toBe(false);
    }
    expect(game.order('addItems', { items: [addition(1), addition(1)] })).toBe(false);
    expect(game.order('addItems', { items: [{ ...addition(1), vimUuid: undefined }] })).toBe(false);
    expect(game.state.items).toHaveLength(1);
  });
});

describe('another priority', () => {
  it('changes the order of what waits', () => {
    const game = new Play(campaignOf({ items: items(4), limits: { total: 1 } }));
    expect(game.order('reprioritize', { vnfUuids: [uuid(4)], priority: 5 })).toBe(true);
    expect(game.order('reprioritize', { vnfUuids: [uuid(1)], priority: 5 })).toBe(false);
    game.end(game.item(0), ENDINGS['migrated']!);
    expect(reasons(game)).toEqual(['MIGRATED', 'total-limit', 'total-limit', 'RUNNING']);
  });

  it('is refused where the order of the input counts', () => {
    const game = new Play(campaignOf({ items: items(4), limits: { total: 1 }, order: 'input' }));
    expect(game.order('reprioritize', { vnfUuids: [uuid(4)], priority: 5 })).toBe(false);
  });
});

describe('a migration that an earlier campaign of the same name started', () => {
  const refused = (): Play => {
    const game = new Play(campaignOf({ items: items(1) }));
    game.state.startRefused(game.item(0), game.nowMs);
    expect(game.state.waitReasonOf(game.item(0))).toBe('owned-by');
    return game;
  };

  it('is its own, and counts in its limits', () => {
    const game = refused();
    game.describe(game.item(0), { standing: 'running', runId: uuid(77) }, { isOwn: true });
    expect(game.states()).toEqual(['RUNNING']);
    expect(game.inFlight()[0]?.runId).toBe(uuid(77));
    game.carry();
    game.end(game.item(0), ENDINGS['migrated']!);
    expect(game.state.isDone).toBe(true);
  });

  it('has moved its item, if it ended before', () => {
    const game = refused();
    const moved = { standing: 'migrated', vimUuid: vim(20), newVnfUuid: uuid(88) } as const;
    game.describe(game.item(0), moved, { isOwn: true });
    expect(game.states()).toEqual(['MIGRATED']);
    const other = refused();
    other.describe(other.item(0), moved);
    expect(other.states()).toEqual(['ALREADY_THERE']);
  });
});
