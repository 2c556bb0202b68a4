/** All checks, in their order. Nothing is changed by them. */
import type { Config } from '../settings/config.js';
import { checkBroker } from './broker.js';
import type { Check, Tell } from './check.js';
import { checkGatekeeper } from './gatekeeper.js';
import { checkPayloadKeys } from './payload-keys.js';
import { checkReceiversFile } from './receivers.js';
import { checkRepository } from './repository.js';
import { checkTemporal } from './temporal.js';
import { checkVimList } from './vim-list.js';

export interface Diagnosis {
  /** Nothing failed. There may be warnings. */
  ok: boolean;
  checks: Check[];
}

/** The checks without which nothing can be asked over the bus. */
const BUS: readonly string[] = ['broker', 'exchange'];

/** `tell` hears of each check as soon as it is made: all of them take seconds. */
export async function runDoctor(config: Config, tell: Tell = () => undefined): Promise<Diagnosis> {
  const checks: Check[] = [];
  const note: Tell = (check) => {
    checks.push(check);
    tell(check);
  };
  await checkTemporal(config, note);
  if (config.hasBus) await checkBroker(config, note);
  await checkGatekeeper(config, note);
  await checkRepository(config, note);
  // The query declares the exchange, and the doctor changes nothing.
  if (!checks.some(({ name, state }) => BUS.includes(name) && state === 'failed'))
    await checkVimList(config, note);
  checkPayloadKeys(config, note);
  checkReceiversFile(config, note);
  return { ok: checks.every(({ state }) => state !== 'failed'), checks };
}
