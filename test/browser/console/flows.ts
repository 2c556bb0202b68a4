/** The main path, once for each width and scheme, by mouse and by keyboard alone. */
import { evacuate } from './evacuation.js';
import { KEYBOARD, MOUSE, type Hand } from './hand.js';
import type { Scenario } from './scenario.js';
import { Visit, type Scheme, type Width } from './visit.js';

interface Flow {
  hand: Hand;
  width: Width;
  scheme: Scheme;
}

const FLOWS: readonly Flow[] = [
  { hand: MOUSE, width: 1280, scheme: 'light' },
  { hand: KEYBOARD, width: 390, scheme: 'dark' },
  { hand: KEYBOARD, width: 1280, scheme: 'dark' },
  { hand: MOUSE, width: 390, scheme: 'light' },
];

export const FLOW_SCENARIOS: readonly Scenario[] = FLOWS.map(({ hand, width, scheme }) => ({
  name: `evacuation-${hand.name}-${width}-${scheme}`,
  play: async ({ browser, stage }) => {
    const visit = await Visit.begin(browser, { url: stage.console.url, width, scheme });
    return await visit.during(() => evacuate({ stage, visit, hand, name: `out-${hand.name}-${width}` }));
  },
}));
