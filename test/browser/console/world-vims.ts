/** Which VIMs of the simulated world hold VNFs of services, by their names. */
import type { WorldSnapshot } from '../../../src/simulator/index.js';
import type { Stage } from './stage.js';

export interface WorldVims {
  full: string[];
  empty: string[];
}

export function vimsOf({ world }: Pick<Stage, 'world'>, { services }: WorldSnapshot): WorldVims {
  const used = new Set(services.flatMap(({ vnfs }) => vnfs.flatMap(({ vimUuids }) => vimUuids)));
  const namesOf = (isFull: boolean): string[] =>
    world.vimFacts.flatMap(({ vimUuid, name }) =>
      used.has(vimUuid) === isFull && name !== undefined ? [name] : [],
    );
  return { full: namesOf(true), empty: namesOf(false) };
}
