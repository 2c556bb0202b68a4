/** Logs in as a person does: on the page that asks for a token. */
import type { Hand } from './hand.js';
import type { Visit } from './visit.js';

export async function logIn(visit: Visit, hand: Hand, token: string): Promise<void> {
  const { page } = visit;
  await visit.sees(visit.heading('Log in'));
  await hand.write(page.getByLabel('Token'), token);
  await hand.press(page.getByRole('button', { name: 'Log in' }));
  await visit.seesNoMore(visit.heading('Log in'));
}
