/** One scenario: what it is called, and what it finds wrong. */
import type { Browser } from 'playwright-core';
import type { Stage } from './stage.js';

export interface Theatre {
  browser: Browser;
  stage: Stage;
}

export interface Scenario {
  name: string;
  /** @throws the first thing that a person would have waited for in vain */
  play(theatre: Theatre): Promise<readonly string[]>;
}
