/** The limits of a deployment as lines. All functions are pure. */
import type { LimitsState } from '../../shared/limits/contract.js';
import { labelled } from '../../shared/vim/vim.js';
import { table } from './print.js';

type Names = ReadonlyMap<string, string | null>;

const SHOWN_WAITING = 20;
const SHOWN_ORDERS = 5;

export function limitsLines(state: LimitsState, names: Names): string[] {
  const { limits, inFlight, waitingCount } = state;
  if (limits === null) return ['no limits are set'];
  const total = limits.total === null ? 'no limit in all' : `at most ${String(limits.total)} in all`;
  return [
    `${String(inFlight)} in flight, ${String(waitingCount)} wait; ${total}`,
    ...vimLines(state, names),
    ...waitingLines(state, names),
    ...orderLines(state),
  ];
}

function vimLines({ vims }: LimitsState, names: Names): string[] {
  if (vims.length === 0) return [];
  const rows = vims
    .map((vim) => [
      labelled(names.get(vim.vimUuid), vim.vimUuid),
      ofLimit(vim.inNow, vim.in),
      ofLimit(vim.outNow, vim.out),
      String(vim.waitingIn),
      String(vim.waitingOut),
    ])
    .sort(([left = ''], [right = '']) => (left < right ? -1 : 1));
  return ['', ...table(['VIM', 'in', 'out', 'waiting in', 'waiting out'], rows)];
}

function ofLimit(now: number, limit: number | null): string {
  return limit === null ? String(now) : `${String(now)} of ${String(limit)}`;
}

function waitingLines({ waiting, waitingCount }: LimitsState, names: Names): string[] {
  if (waiting.length === 0) return [];
  const shown = waiting.slice(0, SHOWN_WAITING);
  const lines = shown.map(({ vnfUuid, targetVimUuid, reason, since, owner }) => {
    const target = labelled(names.get(targetVimUuid), targetVimUuid);
    return `  VNF ${vnfUuid} to VIM ${target}: ${reason}, since ${since} (${owner})`;
  });
  const more = waitingCount - shown.length;
  return ['', 'waiting:', ...lines, ...(more > 0 ? [`  and ${String(more)} more`] : [])];
}

function orderLines({ audit }: LimitsState): string[] {
  const orders = audit.filter(({ actor }) => actor !== null).slice(-SHOWN_ORDERS);
  if (orders.length === 0) return [];
  const lines = orders.map(
    ({ at, actor, action, reason }) => `  ${at} ${actor ?? ''}: ${action} (${reason})`,
  );
  return ['', 'orders:', ...lines];
}
