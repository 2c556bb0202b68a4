// Selects the Temporal: a running server that the environment names, a program on the PATH, the cached copy, a
// download, or a build. The first one that exists is used. Nothing is downloaded or built if installation is
// forbidden.
import { DevError, messageOf } from '../errors.js';
import { TEMPORAL_VERSION } from './install.js';

export interface TemporalSources {
  /** The address of a running server, from the environment. */
  address: string | undefined;
  /** Whether `download` and `build` are permitted. */
  install: boolean;
  onPath: () => string | null;
  inCache: () => string | null;
  download: () => Promise<string>;
  build: () => Promise<string>;
  report: (line: string) => void;
}

export type FoundTemporal = { kind: 'running'; address: string } | { kind: 'executable'; path: string };

export async function findTemporal(sources: TemporalSources): Promise<FoundTemporal> {
  const { address } = sources;
  if (address) return { kind: 'running', address };
  const present = sources.onPath() ?? sources.inCache();
  if (present !== null) return { kind: 'executable', path: present };
  if (!sources.install)
    throw unavailable('Installing it is forbidden here (--no-install or VNF_MIGRATOR_NO_INSTALL).');
  return { kind: 'executable', path: await installed(sources) };
}

async function installed({ download, build, report }: TemporalSources): Promise<string> {
  const failures: string[] = [];
  for (const way of [download, build]) {
    try {
      return await way();
    } catch (error) {
      if (!(error instanceof DevError)) throw error;
      // Report only the first line here. The full messages follow in the final error if the other source fails too.
      report(firstLine(messageOf(error)));
      failures.push(messageOf(error));
    }
  }
  throw unavailable(failures.join('\n'));
}

function unavailable(why: string): DevError {
  return new DevError(
    `There is no Temporal here. ${why}\n` +
      'Set TEMPORAL_ADDRESS to a running one, or put the Temporal CLI on the PATH ' +
      `(https://docs.temporal.io/cli), or install Go, with which version ${TEMPORAL_VERSION} is built.`,
  );
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').replace(/:$/, '');
}
