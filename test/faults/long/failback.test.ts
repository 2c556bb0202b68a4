/** The way back of a large campaign: where the simulated MANO has its VNFs after it. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { generateWorld } from '../../../src/simulator/index.js';
import { CampaignCommandLine } from '../../support/campaign-command-line.js';

const { temporalAddress, amqpUrl } = inject('stack');
const suite = `long-failback-${process.pid}`;
const world = generateWorld({ services: 40, seed: suite });
const [, target = ''] = world.vims;

let line: CampaignCommandLine;

beforeAll(async () => {
  line = await CampaignCommandLine.open({ suite, world, temporalAddress, amqpUrl });
});

afterAll(() => line.close());

test('the way back puts each of sixty VNFs where it was, ten at a time', async () => {
  const { campaign, named, places, itemsFile } = line;
  const services = Array.from({ length: 30 }, (_, index) => 10 + index);
  const before = places(services);
  expect(Object.values(before).flat()).toHaveLength(60);
  const limits = ['total', 'perSourceVim', 'perTargetVim'].flatMap((name) => ['--limit', `${name}=10`]);
  const items = itemsFile('sixty.csv', services);
  const there = await campaign(
    ...['start', '--items', items, '--target', target, '--name', named('sixty'), ...limits],
  );
  expect(there.stdout).toMatch(/completed after .*: 60 migrated/);
  expect(places(services)).not.toEqual(before);
  const back = await campaign('failback', named('sixty'), '--start');
  expect(back.stdout).toMatch(/completed after .*: 60 migrated/);
  expect(places(services)).toEqual(before);
});
