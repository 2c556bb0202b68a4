/** The options of a chaos run. Every wrong argument is named. */
import { parseArgs } from 'node:util';

export interface ChaosOptions {
  migrations: number;
  seed: string;
  /** Worker processes, each with a listener. */
  workers: number;
  /** Migrations under way at a time. */
  inFlight: number;
  killWorkerEveryMs: number;
  killTemporalEveryMs: number;
  /** Null: the broker is left alone. */
  killBrokerEveryMs: number | null;
  /** Whether the MANO connects again after the broker was killed, or stays deaf until it is restarted, as the real one. */
  mano: 'reconnects' | 'stays-deaf';
  json: boolean;
}

export const HELP = `npm run chaos -- [--migrations 100] [--seed text] [--workers 2] [--in-flight 100]
  [--kill-worker-every 5] [--kill-temporal-every 15] [--kill-broker-every 60] [--mano reconnects|stays-deaf] [--json]

Times in seconds; 0 leaves that process alone (the default for the broker). 5 % of acks and of finals are lost, 5 % later
than their time limit, 10 % doubled. Exit code 1: something was lost, or not accounted for; 2: the run itself failed.`;

export function chaosOptions(args: readonly string[]): ChaosOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      migrations: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(Date.now()) },
      workers: { type: 'string', default: '2' },
      'in-flight': { type: 'string', default: '100' },
      'kill-worker-every': { type: 'string', default: '5' },
      'kill-temporal-every': { type: 'string', default: '15' },
      'kill-broker-every': { type: 'string', default: '0' },
      mano: { type: 'string', default: 'reconnects' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { mano } = values;
  if (mano !== 'reconnects' && mano !== 'stays-deaf') throw new Error('--mano: reconnects or stays-deaf');
  const whole = (name: 'migrations' | 'workers' | 'in-flight'): number =>
    atLeast(values[name], { name, least: 1 });
  const everyMs = (name: 'kill-worker-every' | 'kill-temporal-every' | 'kill-broker-every'): number =>
    1_000 * atLeast(values[name], { name, least: 0 });
  const brokerMs = everyMs('kill-broker-every');
  return {
    migrations: whole('migrations'),
    seed: values.seed,
    workers: whole('workers'),
    inFlight: whole('in-flight'),
    killWorkerEveryMs: everyMs('kill-worker-every'),
    killTemporalEveryMs: everyMs('kill-temporal-every'),
    killBrokerEveryMs: brokerMs === 0 ? null : brokerMs,
    mano,
    json: values.json,
  };
}

function atLeast(text: string, { name, least }: { name: string; least: number }): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name}: a whole number from ${least}`);
  return value;
}
