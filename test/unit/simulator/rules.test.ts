import { describe, expect, it } from 'vitest';
import { seededRandom, uuidFrom } from '../../../src/simulator/random.js';
import { RuleBook, ruleSchema, type Plan, type RuleInput } from '../../../src/simulator/rules.js';
import { readRequest, type ManoRequest } from '../../../src/simulator/messages.js';

function book(...rules: RuleInput[]): RuleBook {
  const made = new RuleBook(seededRandom('rules'));
  rules.forEach((rule) => made.add(rule));
  return made;
}

function request(fields: Record<string, unknown>): ManoRequest {
  return readRequest({ routingKey: 'service.instance.migrate', body: Buffer.from(JSON.stringify(fields)) });
}

const MIGRATION = request({ service_instance_uuid: 's', vnf_uuid: 'v', vim_uuid: 't' });

function behaviours(plan: Plan): string[] {
  return Object.values(plan).map(({ behaviour }) => behaviour as string);
}

describe('rules', () => {
  it('meet in one request if they are about different things', () => {
    const rules = book(
      { behaviour: 'duplicate-final' },
      { behaviour: 'ack-lost' },
      { behaviour: 'removal-fails' },
    );
    expect(behaviours(rules.planFor(MIGRATION)).sort()).toEqual([
      'ack-lost',
      'duplicate-final',
      'removal-fails',
    ]);
  });

  it('exclude each other if they are about the same, and the later one is not spent', () => {
    const rules = book({ behaviour: 'ack-lost', times: 1 }, { behaviour: 'ack-late', times: 1 });
    const plans = [1, 2, 3].map(() => behaviours(rules.planFor(MIGRATION)));
    expect(plans).toEqual([['ack-lost'], ['ack-late'], []]);
  });

  it('are not looked at after one that says ok', () => {
    const rules = book({ behaviour: 'ok', vnfUuid: 'v' }, { behaviour: 'deploy-fails' });
    expect(rules.planFor(MIGRATION)).toEqual({});
    expect(behaviours(rules.planFor(request({ service_instance_uuid: 's', vnf_uuid: 'w' })))).toHaveLength(1);
  });

  it('match by VNF and by service, and count what matches', () => {
    const rules = book({ behaviour: 'deploy-fails', vnfUuid: 'v', serviceInstanceUuid: 's', nth: 2 });
    const other = request({ service_instance_uuid: 's', vnf_uuid: 'w', vim_uuid: 't' });
    const met = [MIGRATION, other, MIGRATION, MIGRATION].map(
      (asked) => behaviours(rules.planFor(asked)).length,
    );
    expect(met).toEqual([0, 0, 1, 0]);
  });

  it('leave probes alone unless they are named', () => {
    const probe = request({ service_instance_uuid: 's' });
    expect(book({ behaviour: 'request-lost' }).planFor(probe)).toEqual({});
    expect(behaviours(book({ behaviour: 'request-lost', kind: 'probe' }).planFor(probe))).toEqual([
      'request-lost',
    ]);
    expect(behaviours(book({ behaviour: 'request-lost', kind: 'any' }).planFor(probe))).toEqual([
      'request-lost',
    ]);
  });

  it('hit the share they are told, the same ones each time', () => {
    const hits = (): number[] => {
      const rules = book({ behaviour: 'final-lost', probability: 0.05 });
      return Array.from({ length: 4_000 }, (_, n) => n).filter(
        () => rules.planFor(MIGRATION).final !== undefined,
      );
    };
    expect(hits()).toEqual(hits());
    expect(hits().length).toBeGreaterThan(150);
    expect(hits().length).toBeLessThan(250);
  });

  it.each([
    [{ behaviour: 'explodes' }, 'behaviour'],
    [{ behaviour: 'ok', nht: 1 }, ''],
    [{ behaviour: 'ack-late', delayMs: -1 }, 'delayMs'],
    [{ behaviour: 'final-lost', probability: 2 }, 'probability'],
  ])('are refused when wrong: %o', (rule, path) => {
    expect(ruleSchema.safeParse(rule).error?.issues[0]?.path.join('.')).toBe(path);
  });
});

describe('uuids', () => {
  it('follow from their names, in the form of version 5', () => {
    expect(uuidFrom('a')).toBe(uuidFrom('a'));
    expect(uuidFrom('a')).not.toBe(uuidFrom('b'));
    expect(uuidFrom('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
