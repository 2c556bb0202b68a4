/** How a person works a page: with a mouse, or by keyboard alone. */
import type { Locator, Page } from 'playwright-core';

export interface Hand {
  readonly name: string;
  /** A button, a link, a box to tick. */
  press(target: Locator): Promise<void>;
  /** Replaces what a field holds. */
  write(target: Locator, text: string): Promise<void>;
  /** Chooses an option of a list by what it says. */
  choose(target: Locator, option: string): Promise<void>;
  /** From another page to that of a campaign. */
  toCampaign(page: Page, name: string): Promise<void>;
}

export const MOUSE: Hand = {
  name: 'mouse',
  press: (target) => target.click(),
  write: async (target, text) => {
    await target.click();
    await target.fill('');
    await target.pressSequentially(text);
  },
  choose: async (target, option) => {
    await target.selectOption({ label: option });
  },
  toCampaign: async (page) => {
    await page.goBack();
  },
};

/** No page of the console has so many stops. */
const MOST_STOPS = 250;

/** Tab, Shift+Tab, Enter, Space, arrows and letters; nothing is focused or clicked by a script. */
export const KEYBOARD: Hand = {
  name: 'keyboard',
  press: async (target) => {
    await reach(target);
    const [type, role] = [await target.getAttribute('type'), await target.getAttribute('role')];
    // What is called a button answers to Space, even where it is a link.
    const answersToSpace = type === 'checkbox' || type === 'radio' || role === 'button';
    await target.page().keyboard.press(answersToSpace ? 'Space' : 'Enter');
  },
  write: async (target, text) => {
    await reach(target);
    const { keyboard } = target.page();
    await keyboard.press('Control+A');
    await keyboard.press('Delete');
    await keyboard.type(text);
  },
  choose: async (target, option) => {
    await reach(target);
    await target.page().keyboard.type(option);
    const chosen = await target.locator('option:checked').textContent();
    if (chosen !== option) throw new Error(`by keyboard the list says "${String(chosen)}", not "${option}"`);
  },
  // A browser without a window does not know Alt+Left.
  toCampaign: async (page, name) => {
    await KEYBOARD.press(page.getByRole('navigation').getByRole('link', { name: 'Campaigns' }));
    await KEYBOARD.press(page.getByRole('link', { name, exact: true }));
  },
};

/** Goes on with Tab until the target has the focus, which must then be in sight. */
async function reach(target: Locator): Promise<void> {
  await target.waitFor({ state: 'visible' });
  const page = target.page();
  const focused = target.and(page.locator(':focus'));
  for (let stops = 0; (await focused.count()) === 0; stops += 1) {
    if (stops === MOST_STOPS) throw new Error(`${String(target)} cannot be reached with Tab`);
    await page.keyboard.press('Tab');
  }
  const box = await target.boundingBox();
  const window = page.viewportSize();
  if (box === null || window === null) return;
  const { x, y, width, height } = box;
  if (x + width <= 0 || x >= window.width || y + height <= 0 || y >= window.height)
    throw new Error(`${String(target)} has the focus and is not in sight`);
}
