/** Plays the scenarios of the console on a stage of their own, and prints a line for each. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { EVERY_PAGE } from './every-page.js';
import { FLOW_SCENARIOS } from './flows.js';
import { HOSTILE_TEXT } from './hostile-text.js';
import { MANY_ITEMS } from './many-items.js';
import { OUTAGES } from './outages.js';
import { ROLES } from './roles.js';
import type { Scenario, Theatre } from './scenario.js';
import { openStage, type Stage } from './stage.js';
import { TEMPORAL_UI } from './temporal-ui.js';
import { PICTURES } from './visit.js';

export const SCENARIOS: readonly Scenario[] = [
  ...FLOW_SCENARIOS,
  EVERY_PAGE,
  OUTAGES,
  MANY_ITEMS,
  HOSTILE_TEXT,
  ROLES,
  TEMPORAL_UI,
];

export interface ConsoleRun {
  browser: Browser;
  install: boolean;
  /** The scenarios whose names begin so; empty: all. */
  only: readonly string[];
}

/** The number of findings. */
export async function playConsole({ browser, install, only }: ConsoleRun): Promise<number> {
  const wanted = SCENARIOS.filter(
    ({ name }) => only.length === 0 || only.some((start) => name.startsWith(start)),
  );
  if (wanted.length === 0) return 0;
  const directory = await mkdtemp(join(tmpdir(), 'vnf-migrator-browser-'));
  const report = (line: string): void => console.error(line);
  let stage: Stage | null = null;
  let findings = 0;
  try {
    stage = await openStage({ directory, install, report });
    for (const scenario of wanted) findings += await playOne(scenario, { browser, stage });
  } finally {
    await stage?.close();
    if (findings === 0) await rm(directory, { recursive: true, force: true });
  }
  if (findings > 0) console.log(`logs: ${directory}`);
  console.log(`pictures: ${PICTURES}`);
  return findings;
}

const LONGEST_MS = 5 * 60_000;

async function playOne(scenario: Scenario, theatre: Theatre): Promise<number> {
  const startedAtMs = Date.now();
  const late = delay(LONGEST_MS, [`it has not ended after ${LONGEST_MS / 60_000} minutes`], { ref: false });
  const found = await Promise.race([scenario.play(theatre), late]).catch((error: unknown) => [
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  ]);
  const seconds = Math.round((Date.now() - startedAtMs) / 1_000);
  console.log(`${scenario.name}: ${found.length === 0 ? 'ok' : 'WRONG'} (${seconds} s)`);
  for (const finding of found) console.log(`  ${finding}`);
  return found.length;
}
