/**
 * Three ways to show a followed campaign: drawn in place on a terminal, line by line without a terminal, and as
 * JSON.
 */
import { shortDuration } from '../../shared/duration.js';
import type { CampaignProgress } from '../../shared/campaign/views.js';
import { printJson, printLine } from './print.js';
import { newsOfCampaign } from './campaign-progress.js';
import { screenOf } from './campaign-screen.js';
import { printable } from '../input/text-file.js';

export interface View {
  /** True if the view shows the phase of each running migration. Each of them is then queried. */
  hasPhases: boolean;
  show: (progress: CampaignProgress) => void;
  /** The last query failed. */
  trouble: (trouble: Trouble) => void;
  /** Restores the terminal. The last output stays visible. */
  close: () => void;
}

export interface Trouble {
  sinceMs: number;
  reason: string;
}

export function viewFor({ workflowId, json }: { workflowId: string; json: boolean }): View {
  if (json) return jsonView();
  return process.stdout.isTTY ? terminalView(workflowId) : lineView();
}

/** A problem that disappears within this time is not shown. */
const PATIENCE_MS = 5_000;

function jsonView(): View {
  let last = '';
  return {
    hasPhases: true,
    show: (progress) => {
      // These numbers change on their own, and do not count as a change.
      const what = JSON.stringify({ ...progress, perMinute: null, etaMs: null, waitedMs: null });
      if (what !== last) printJson({ at: new Date().toISOString(), ...progress });
      last = what;
    },
    trouble: problemOnce((line) => process.stderr.write(`${line}\n`)),
    close: () => undefined,
  };
}

function lineView(): View {
  let before: CampaignProgress | null = null;
  let wasTroubled = false;
  const tell = problemOnce((line) => {
    wasTroubled = true;
    printLine(line);
  });
  return {
    hasPhases: false,
    show: (now) => {
      if (wasTroubled) printLine('it answers again');
      wasTroubled = false;
      for (const line of newsOfCampaign({ before, now })) printLine(line);
      before = now;
    },
    trouble: tell,
    close: () => undefined,
  };
}

function problemText({ sinceMs, reason }: Trouble): string {
  return `no answer for ${shortDuration(Math.max(1_000, Date.now() - sinceMs))}: ${printable(reason)}`;
}

/** Shows each problem once, and only if it lasts. */
function problemOnce(tell: (line: string) => void): View['trouble'] {
  let told = NaN;
  return (trouble) => {
    if (told === trouble.sinceMs || Date.now() - trouble.sinceMs < PATIENCE_MS) return;
    told = trouble.sinceMs;
    tell(`${problemText(trouble)}; retrying`);
  };
}

const ESCAPE = '\u001b[';
/** Without line wrapping, a wide character that was counted too narrow cannot break the screen. */
const [NO_WRAP, WRAP, ERASE_BELOW] = [`${ESCAPE}?7l`, `${ESCAPE}?7h`, `${ESCAPE}J`];

function terminalView(workflowId: string): View {
  let last: CampaignProgress | null = null;
  let drawn = 0;
  const draw = (trouble: string | null): void => {
    const { columns, rows } = process.stdout;
    const lines =
      last === null
        ? [trouble ?? '']
        : screenOf({ workflowId, progress: last, nowMs: Date.now(), columns, rows, trouble });
    const up = drawn === 0 ? '' : `${ESCAPE}${drawn}A`;
    process.stdout.write(`${NO_WRAP}${up}\r${ERASE_BELOW}${lines.join('\n')}\n${WRAP}`);
    drawn = lines.length;
  };
  return {
    hasPhases: true,
    show: (progress) => {
      last = progress;
      draw(null);
    },
    trouble: (trouble) => {
      if (Date.now() - trouble.sinceMs >= PATIENCE_MS) draw(problemText(trouble));
    },
    close: () => void process.stdout.write(WRAP),
  };
}
