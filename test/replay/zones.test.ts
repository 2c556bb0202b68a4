/**
 * A campaign decides by the time of its history and by its own zone data: on a machine of another zone it decides the same.
 * That it decides the same on another day, every run of these tests after the day of the recording shows.
 */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const script = fileURLToPath(new URL('./replay-here.ts', import.meta.url));
const histories = fileURLToPath(new URL('./histories/', import.meta.url));

it.each(['America/New_York'])('campaigns with windows replay on a machine of the zone %s', async (TZ) => {
  const recorded = readdirSync(histories, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.includes('campaign-in-its-windows'),
  );
  expect(recorded.length).toBeGreaterThan(0);
  const { stdout } = await run(process.execPath, ['--import', 'tsx', script, 'campaign-in-its-windows'], {
    env: { ...process.env, TZ },
  });
  const { zone, replayed } = JSON.parse(stdout) as { zone: string; replayed: Record<string, string> };
  expect(zone).toBe(TZ);
  expect(Object.values(replayed)).toEqual(recorded.map(() => 'ok'));
});
