/** The VNFs of a scale run, their world, and the campaign that moves them. */
import type { CampaignInput } from '../../src/shared/campaign/contract.js';
import type { WorldSpec } from '../../src/simulator/index.js';
import { uuidFrom } from '../../src/simulator/random.js';
import type { ScaleOptions } from './options.js';
import type { Moved } from './witness.js';

const SOURCES = 4;
const TARGETS = 4;
const VNFS_OF_SHARED_SERVICE = 10;
const BATCHES = 4;

export interface Scene {
  world: WorldSpec;
  /** One batch, or as many as are compared. */
  batches: Moved[][];
  targets: string[];
}

export function sceneOf(options: ScaleOptions, batchCount = options.overhead ? BATCHES : 1): Scene {
  const perService = options.sharedServices ? VNFS_OF_SHARED_SERVICE : 1;
  const [sources, targets] = [SOURCES, TARGETS].map((count, kind) =>
    Array.from({ length: count }, (_, index) => uuidFrom(`scale/vim/${String(kind)}/${String(index)}`)),
  ) as [string[], string[]];
  const moved = Array.from({ length: batchCount * options.items }, (_, index): Moved => {
    const service = Math.floor(index / perService);
    return {
      serviceInstanceUuid: uuidFrom(`scale/service/${String(service)}`),
      vnfUuid: uuidFrom(`scale/vnf/${String(index)}`),
      sourceVimUuid: sources[index % SOURCES] ?? '',
    };
  });
  const services = groupsOf(moved);
  const world: WorldSpec = {
    vims: [...sources, ...targets],
    vimFacts: [],
    services: [...services].map(([serviceInstanceUuid, vnfs]) => ({
      serviceInstanceUuid,
      vnfs: vnfs.map(({ vnfUuid, sourceVimUuid }) => ({
        vnfUuid,
        // A kind of its own: what became of it can then be told.
        name: `vnf-${vnfUuid.slice(0, 8)}`,
        kind: 'vm' as const,
        vimUuids: [sourceVimUuid],
        status: 'normal operation' as const,
      })),
    })),
    orphans: [],
  };
  const batches = Array.from({ length: batchCount }, (_, nth) =>
    moved.slice(nth * options.items, (nth + 1) * options.items),
  );
  return { world, batches, targets };
}

function groupsOf(moved: readonly Moved[]): Map<string, Moved[]> {
  const groups = new Map<string, Moved[]>();
  for (const one of moved) {
    const group = groups.get(one.serviceInstanceUuid);
    if (group === undefined) groups.set(one.serviceInstanceUuid, [one]);
    else group.push(one);
  }
  return groups;
}

export function inputOf(
  batch: readonly Moved[],
  { options, targets }: { options: ScaleOptions; targets: string[] },
): CampaignInput {
  const { total, perVim } = options;
  return {
    items: batch.map(({ serviceInstanceUuid, vnfUuid }) => ({ serviceInstanceUuid, vnfUuid })),
    target: { vims: targets, strategy: 'spread' },
    limits: { total, perSourceVim: perVim, perTargetVim: perVim },
    actor: 'scale',
    reason: 'to measure it',
  };
}
