/** The options of a run. Every wrong argument is named. */
import { parseArgs } from 'node:util';
import { FLOODS, type FloodName } from './flood.js';

export interface FloodOptions {
  /** Of each flood. */
  replies: number;
  floods: readonly FloodName[];
  json: boolean;
}

export const HELP = `npm run floods -- [--replies 100000] [--only known-id,made-up-ids,callbacks] [--json]

Floods one live migration with replies, while others run. Exit code 1: a verdict is wrong, a history has 20,000 events, the
others take more than twice as long, or the worker takes more than 400 MiB more.`;

export function floodOptions(args: readonly string[]): FloodOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      replies: { type: 'string', default: '100000' },
      only: { type: 'string', default: FLOODS.join(',') },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const replies = Number(values.replies);
  if (!Number.isInteger(replies) || replies < 1) throw new Error('--replies: a whole number from 1');
  const floods = values.only.split(',').map((name) => {
    const known = FLOODS.find((flood) => flood === name);
    if (known === undefined) throw new Error(`--only: ${name} is none of ${FLOODS.join(', ')}`);
    return known;
  });
  return { replies, floods, json: values.json };
}
