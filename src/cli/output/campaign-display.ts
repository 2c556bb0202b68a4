/**
 * Three ways to show a campaign that is followed: drawn in place on a terminal, printed in lines where there is none,
 * and as JSON.
 */
import { shortDuration } from '../../shared/duration.js';
import type { CampaignProgress } from '../../shared/campaign/views.js';
import { printJson, printLine } from './print.js';
import { newsOfCampaign } from './campaign-progress.js';
import { screenOf } from './campaign-screen.js';
import { printable } from '../input/text-file.js';

export interface View {
  /** Whether it shows where each running migration stands, for which each of them is asked. */
  hasPhases: boolean;
  show: (progress: CampaignProgress) => void;
  /** There was no answer. */
  trouble: (trouble: Trouble) => void;
  /** Leaves the terminal as it was found; what was shown last stays. */
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

/** A problem that passes immediately is not shown. */
const PATIENCE_MS = 5_000;

function jsonView(): View {
  let last = '';
  return {
    hasPhases: true,
    show: (progress) => {
      // Numbers that change by themselves are no change.
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

/** Each problem once, and only when it lasts. */
function problemOnce(tell: (line: string) => void): View['trouble'] {
  let told = NaN;
  return (trouble) => {
    if (told === trouble.sinceMs || Date.now() - trouble.sinceMs < PATIENCE_MS) return;
    told = trouble.sinceMs;
    tell(`${problemText(trouble)}; retrying`);
  };
}

const ESCAPE = '\u001b[';
/** Without wrapping, a wide character more than was counted cannot break the picture. */
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
