/** Made-up correlation ids use up a budget; the requests of a workflow never do. */
import { describe, expect, it } from 'vitest';
import { Crowds, type Membership } from '../../../src/listener/crowds.js';

const MINUTE_MS = 60_000;

function crowdOf(answers: (readonly string[] | null | Error)[]) {
  let nowMs = 0;
  let asked = 0;
  const crowds = new Crowds({
    now: () => nowMs,
    ask: async () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? null;
      asked += 1;
      await Promise.resolve();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const come = (nonce: string): Promise<Membership> => crowds.membership({ workflowId: 'w', nonce });
  return {
    come,
    useUpBudget: async () => {
      let count = 0;
      while ((await come(`forged-${String(count)}`)) === 'own') count += 1;
      return count;
    },
    pass: (ms: number) => (nowMs += ms),
    questions: () => asked,
  };
}

describe('replies that name one workflow by many correlation ids', () => {
  it('are let through unasked, as many as a migration needs', async () => {
    const { useUpBudget, questions } = crowdOf([[]]);
    expect(await useUpBudget()).toBe(64);
    expect(questions()).toBe(1);
  });

  it('are let through beyond that if the workflow knows the nonce, and are dropped if not', async () => {
    const { come, useUpBudget } = crowdOf([['own']]);
    await useUpBudget();
    expect(await Promise.all([come('forged'), come('own')])).toEqual(['strange', 'own']);
  });

  it('are judged by an answer to a question that was asked after they came', async () => {
    const { come, useUpBudget, questions } = crowdOf([[], [], ['new']]);
    await useUpBudget();
    // The second question is under way when the request is made: its answer cannot hold it.
    const early = come('forged');
    expect(await Promise.all([early, come('new'), come('forged')])).toEqual(['strange', 'own', 'strange']);
    expect(questions()).toBe(3);
  });

  it('share a question, however many they are', async () => {
    const { come, useUpBudget, questions } = crowdOf([[]]);
    await useUpBudget();
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => come(`f-${String(index)}`)));
    expect(questions()).toBeLessThanOrEqual(3);
  });

  it('are let through unproven while the workflow does not answer, so many that its run can take them', async () => {
    const { come, useUpBudget } = crowdOf([new Error('no worker')]);
    expect(await useUpBudget()).toBe(64 + 1_000);
    expect(await come('own')).toBe('strange');
  });

  it('wait for no second answer that does not come: others wait behind them', async () => {
    const { come, pass, questions } = crowdOf([new Error('no worker'), ['own']]);
    for (let index = 0; index < 100; index += 1) await come(`forged-${String(index)}`);
    expect(questions()).toBe(1);
    pass(MINUTE_MS);
    const fates = await Promise.all(Array.from({ length: 8 }, (_, index) => come(`later-${String(index)}`)));
    expect(fates.filter((fate) => fate === 'strange')).toHaveLength(2);
    expect(await come('own')).toBe('own');
  });

  it('to a workflow without requests of its own get through now and then', async () => {
    const { come, useUpBudget, pass } = crowdOf([null]);
    await useUpBudget();
    expect(await come('probe-1')).toBe('strange');
    pass(MINUTE_MS);
    const fates = await Promise.all(Array.from({ length: 8 }, (_, index) => come(`probe-${String(index)}`)));
    expect(fates.filter((fate) => fate === 'own')).toHaveLength(6);
  });

  it('to a request that was let through once are let through again', async () => {
    const { come, useUpBudget } = crowdOf([[]]);
    await come('own');
    await useUpBudget();
    expect(await come('own')).toBe('own');
  });
});
