import { describe, expect, it } from 'vitest';
import { parseMigrationRequest, resolutionSchema } from '../../../src/shared/migration/contract.js';

const IDS = {
  serviceInstanceUuid: '00000000-0000-4000-8000-00000000000a',
  vnfUuid: '00000000-0000-4000-8000-00000000000b',
  vimUuid: '00000000-0000-4000-8000-00000000000c',
};

function requestOf(input: unknown) {
  const parsed = parseMigrationRequest(input);
  if (parsed.kind !== 'request') throw new Error(parsed.problems.join('; '));
  return parsed.request;
}

function problemsOf(input: unknown): string[] {
  const parsed = parseMigrationRequest(input);
  return parsed.kind === 'invalid' ? parsed.problems : [];
}

describe('a request to migrate', () => {
  it('has the policy of the contract where none is given', () => {
    const policy = {
      publishTimeout: 10 * 60_000,
      ackTimeout: 2 * 60_000,
      finalTimeout: 30 * 60_000,
      busyTimeout: 30 * 60_000,
      deadline: 4 * 3_600_000,
      maxAttempts: 3,
      initialInterval: 20_000,
      backoffCoefficient: 2,
      maximumInterval: 10 * 60_000,
      probe: 'auto',
      probeTimeout: 90_000,
      maxProbes: 5,
      onUnknownOutcome: 'fail',
      transport: 'bus',
      verifyTarget: 'auto',
      records: 'full',
    };
    expect(requestOf(IDS)).toEqual({ ...IDS, policy });
    expect(requestOf({ ...IDS, policy: {} })).toEqual({ ...IDS, policy });
    const given = { finalTimeout: '1.5h', maxAttempts: 1, onUnknownOutcome: 'wait' };
    expect(requestOf({ ...IDS, policy: given })).toEqual({
      ...IDS,
      policy: { ...policy, ...given, finalTimeout: 5_400_000 },
    });
  });

  it('has its UUIDs in lower case, as the MANO compares them letter by letter', () => {
    const upper = Object.fromEntries(Object.entries(IDS).map(([name, id]) => [name, id.toUpperCase()]));
    expect(requestOf(upper)).toMatchObject(IDS);
  });

  it('that is wrong is told everything that is wrong with it', () => {
    const problems = problemsOf({
      serviceInstanceUuid: 5,
      vnfUuid: "x'; status: READY #",
      policy: {
        ackTimeout: 'soon',
        maxAttempts: 0,
        backoffCoefficient: 0.5,
        probe: 'sometimes',
        retries: 3,
      },
      priority: 'high',
    });
    expect(problems).toHaveLength(9);
    for (const about of [
      /^serviceInstanceUuid: expected a UUID such as "11000b22-/,
      /^vnfUuid: expected a UUID .*, not "x'; status/,
      /^vimUuid: expected a UUID/,
      /^policy\.ackTimeout: expected a duration .*"2m"/,
      /^policy\.maxAttempts: /,
      /^policy\.backoffCoefficient: /,
      /^policy\.probe: .*"auto"\|"off"/,
      /^policy: .*"retries"/,
      /"priority"/,
    ]) {
      expect(problems.filter((problem) => about.test(problem))).toHaveLength(1);
    }
  });

  it('cannot wait longer at first than later', () => {
    const policy = { initialInterval: '2m', maximumInterval: '1m' };
    expect(problemsOf({ ...IDS, policy })).toEqual([
      'policy.maximumInterval: must not be shorter than initialInterval',
    ]);
    expect(problemsOf({ ...IDS, policy: { initialInterval: '11m' } })).toHaveLength(1);
    expect(problemsOf({ ...IDS, policy: { initialInterval: '1m', maximumInterval: '1m' } })).toEqual([]);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'migrate'],
    ['a list', [IDS]],
    ['a policy of the wrong type', { ...IDS, policy: 'fast' }],
    ['a null policy', { ...IDS, policy: null }],
    ['a UUID with a line break', { ...IDS, vimUuid: `${IDS.vimUuid}\n` }],
    ['a UUID in braces', { ...IDS, vimUuid: `{${IDS.vimUuid}}` }],
    ['a long text for a UUID', { ...IDS, vimUuid: 'x'.repeat(10_000) }],
  ])('is not %s', (_, input) => {
    const problems = problemsOf(input);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.length).toBeLessThan(200);
  });

  it('is not polluted by what it is made of', () => {
    const input: unknown = JSON.parse(
      JSON.stringify(IDS).replace('{', '{"__proto__":{"policy":{"maxAttempts":9}},'),
    );
    expect(problemsOf(input)).toEqual([expect.stringContaining('__proto__')]);
    expect(({} as Record<string, unknown>)['policy']).toBeUndefined();
  });
});

describe("an operator's word", () => {
  it('names an outcome, who says so and how they know', () => {
    const whole = {
      outcome: 'migrated',
      newVnfUuid: IDS.vnfUuid.toUpperCase(),
      actor: ' Ann ',
      reason: 'seen',
    };
    expect(resolutionSchema().parse(whole)).toEqual({ ...whole, newVnfUuid: IDS.vnfUuid, actor: 'Ann' });
    for (const wrong of [
      { actor: ' ' },
      { reason: '' },
      { outcome: 'maybe' },
      { newVnfUuid: 'x' },
      { more: 1 },
    ]) {
      expect(resolutionSchema().safeParse({ ...whole, ...wrong }).success).toBe(false);
    }
  });
});
