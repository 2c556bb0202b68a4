/** The options of a scale run. Every wrong argument is named. */
import { parseArgs } from 'node:util';

export interface ScaleOptions {
  items: number;
  /** Worker processes, each with a listener. */
  workers: number;
  total: number;
  perVim: number;
  /** 0: never. */
  killWorkerEveryMs: number;
  /** Ten VNFs a service, instead of one. */
  sharedServices: boolean;
  /** With it every migration reads the whole repository, more than once. */
  repository: boolean;
  /** How long the simulated MANO takes for a move: `min..max`, in milliseconds. */
  migrationMs: string;
  /** Compares a campaign with the same migrations started one by one, in turns. */
  overhead: boolean;
  json: boolean;
}

export const HELP = `node --import tsx test/campaign/scale.ts [--items 1000] [--workers 2] [--total 12] [--per-vim 4]
  [--kill-worker-every 5] [--shared-services] [--repository] [--migration-ms 200..400] [--overhead] [--json]

One campaign against the simulated MANO, judged by the MANO's own ledger. Exit code 1 on any violation.
--overhead: four batches of --items migrations, two started one by one and two by a campaign, in turns.`;

export function scaleOptions(args: readonly string[]): ScaleOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      items: { type: 'string' },
      workers: { type: 'string', default: '2' },
      total: { type: 'string', default: '12' },
      'per-vim': { type: 'string', default: '4' },
      'kill-worker-every': { type: 'string', default: '0' },
      'shared-services': { type: 'boolean', default: false },
      repository: { type: 'boolean', default: false },
      'migration-ms': { type: 'string' },
      overhead: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const whole = (name: string, text: string, least = 1): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least) {
      throw new Error(`--${name}: a whole number from ${String(least)}`);
    }
    return value;
  };
  return {
    items: whole('items', values.items ?? (values.overhead ? '500' : '1000')),
    workers: whole('workers', values.workers),
    total: whole('total', values.total),
    perVim: whole('per-vim', values['per-vim']),
    killWorkerEveryMs: 1_000 * whole('kill-worker-every', values['kill-worker-every'], 0),
    sharedServices: values['shared-services'],
    repository: values.repository,
    migrationMs: values['migration-ms'] ?? (values.overhead ? '1000..2000' : '200..400'),
    overhead: values.overhead,
    json: values.json,
  };
}
