/** Whether the MANO's infrastructure adaptor lists its VIMs. Without the list nothing fails, but targets are not verified. */
import type { Config } from '../settings/config.js';
import { vimListSource } from '../vims/source.js';
import type { Tell } from './check.js';

export async function checkVimList(config: Config, tell: Tell): Promise<void> {
  const name = 'list of VIMs';
  const answer = await vimListSource(config)();
  switch (answer.kind) {
    case 'listed':
      tell({ name, state: 'ok', text: `${String(answer.vims.length)} VIMs` });
      return;
    case 'unavailable':
      tell({ name, state: 'warning', text: `${answer.reason}; the targets of migrations are not verified` });
  }
}
