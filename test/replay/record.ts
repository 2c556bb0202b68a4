/**
 * `npm run histories:record [-- scenario…] [--force]` plays scenarios on a real Temporal and RabbitMQ, and writes
 * the missing histories of this version. With `--force` it also overwrites existing ones.
 */
import { fileURLToPath } from 'node:url';
import { startVitest } from 'vitest/node';
import { CAMPAIGNS } from './campaign-scenarios.js';
import { isRecorded } from './histories.js';
import { NOTIFICATIONS } from './notify-scenarios.js';
import { SCENARIOS } from './scenarios.js';

const words = process.argv.slice(2);
const isForced = words.includes('--force');
const named = words.filter((word) => word !== '--force');
const known = [...Object.keys(SCENARIOS), ...Object.keys(CAMPAIGNS), ...Object.keys(NOTIFICATIONS)];
const unknown = named.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no such scenario: ${unknown.join(', ')}\nThere are: ${known.join(', ')}`);
  process.exit(2);
}

const wanted = named.length > 0 ? named : known;
const scenarios = wanted.filter((name) => isForced || !isRecorded(name));
if (scenarios.length === 0) {
  console.log('Nothing to record: this version has a history of each.');
} else {
  const vitest = await startVitest('test', [], {
    config: false,
    watch: false,
    root: fileURLToPath(new URL('../../', import.meta.url)),
    include: ['test/replay/recording.ts'],
    globalSetup: ['test/support/stack.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxConcurrency: 12,
    provide: { scenarios },
  });
  await vitest.close();
}
