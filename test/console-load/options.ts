/** The options of a run. Every wrong argument is named. */
import { parseArgs } from 'node:util';

export interface StreamsOptions {
  items: number;
  watchers: number;
  /** Of campaigns, one watched and one not. */
  pairs: number;
  /** Worker processes, each with a listener. */
  workers: number;
  total: number;
  /** How long the simulated MANO takes for a move: `min..max`, in milliseconds. */
  migrationMs: string;
  json: boolean;
}

export const HELP = `npm run console:streams -- [--items 10000] [--watchers 200] [--pairs 1] [--workers 2] [--total 12]
  [--migration-ms 200..400] [--json]

Campaigns that many watch against campaigns that nobody watches, in turns, and one that one watches. 10,000 items take an
hour and a half; for a quick run --items 1000 --pairs 2. Exit code 1: the watched ones took more than 1.05 times as long, or
a watcher missed the end.`;

export function streamsOptions(args: readonly string[]): StreamsOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      items: { type: 'string', default: '10000' },
      watchers: { type: 'string', default: '200' },
      pairs: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
      total: { type: 'string', default: '12' },
      'migration-ms': { type: 'string', default: '200..400' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const whole = (name: 'items' | 'watchers' | 'pairs' | 'workers' | 'total'): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name}: a whole number from 1`);
    return value;
  };
  return {
    items: whole('items'),
    watchers: whole('watchers'),
    pairs: whole('pairs'),
    workers: whole('workers'),
    total: whole('total'),
    migrationMs: values['migration-ms'],
    json: values.json,
  };
}
