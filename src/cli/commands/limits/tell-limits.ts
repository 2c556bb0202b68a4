/** Prints the limits, with the names of VIMs where a list of them can be had within seconds. */
import type { LimitsState } from '../../../shared/limits/contract.js';
import type { Config } from '../../../settings/config.js';
import { vimListSource } from '../../../vims/source.js';
import { limitsLines } from '../../output/limits-text.js';
import { printJson, printLine } from '../../output/print.js';

const NAMES_TIMEOUT_MS = 3_000;

export async function tellLimits(
  state: LimitsState,
  { config, json }: { config: Config; json: boolean },
): Promise<void> {
  if (json) {
    printJson(state);
    return;
  }
  for (const line of limitsLines(state, await namesOf(config))) printLine(line);
}

/** By uuid. Empty without a list: uuids do as well. */
async function namesOf(config: Config): Promise<ReadonlyMap<string, string | null>> {
  const list = await vimListSource(config)(AbortSignal.timeout(NAMES_TIMEOUT_MS));
  return new Map(list.kind === 'listed' ? list.vims.map(({ uuid, name }) => [uuid, name]) : []);
}
