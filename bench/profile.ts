/**
 * Shows where processes spent their processor time, from the CPU profiles that Node wrote when they ended.
 *
 * A profile covers JavaScript alone: it does not show what the SDK's core does in its own threads. Times are self
 * times, summed over the threads of a process by owner of the code. They include the start.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readable } from './readable.js';

/** The number of lines for each process. */
const MOST_LINES = 12;
const BUILT = fileURLToPath(new URL('../dist/', import.meta.url));
/** The names that V8 uses when no code runs. */
const NOT_BUSY = new Set(['(idle)', '(program)', '(root)']);

/** The format of V8: one node for each call path, and the node of each sample. */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Values for `nodeArgs`. A process then writes one file for each of its threads when it exits normally. */
export function profileArgs(directory: string, name: string): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${join(directory, name)}`];
}

/** The summary for each kind of process, the most costly first. */
export async function profileTexts(directory: string): Promise<string[]> {
  const texts: string[] = [];
  for (const name of await readdir(directory)) {
    const secondsOf = await secondsByOwner(join(directory, name));
    const busy = [...secondsOf.values()].reduce((sum, seconds) => sum + seconds, 0);
    const most = [...secondsOf].sort(([, left], [, right]) => right - left).slice(0, MOST_LINES);
    const lines = most.map(([owner, seconds]) => `  ${readable(seconds).padStart(6)} s  ${owner}`);
    texts.push([`${name}: ${readable(busy)} s busy`, ...lines].join('\n'));
  }
  return texts;
}

async function secondsByOwner(directory: string): Promise<Map<string, number>> {
  const secondsOf = new Map<string, number>();
  for (const file of await readdir(directory)) {
    const { nodes, samples, timeDeltas } = JSON.parse(
      await readFile(join(directory, file), 'utf8'),
    ) as CpuProfile;
    const owners = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]));
    for (const [nth, id] of samples.entries()) {
      const owner = owners.get(id) ?? '(root)';
      if (NOT_BUSY.has(owner)) continue;
      secondsOf.set(owner, (secondsOf.get(owner) ?? 0) + (timeDeltas[nth] ?? 0) / 1e6);
    }
  }
  return secondsOf;
}

/** A package, a file of this project, or V8's own name. */
function ownerOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'built into V8';
  if (url.startsWith('node:')) return url;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const [, owner] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return owner ?? (path.startsWith(BUILT) ? path.slice(BUILT.length) : basename(path));
}
