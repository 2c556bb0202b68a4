/** What an order tells the API beside its reason, from the fields of its dialog. Pure. */
import { ApiProblem } from '../../api/problem.js';
import { windowOf, type WindowDraft } from '../../components/window-draft.js';
import { readItems } from '../../text/items-text.js';
import type { OrderName } from '../../text/orders.js';

interface Given {
  form: FormData;
  vnfUuids: readonly string[];
  windows: readonly WindowDraft[];
}

/** @throws ApiProblem where a list of items cannot be read */
export function bodyOf(order: OrderName, { form, vnfUuids, windows }: Given): object {
  switch (order) {
    case 'pause':
    case 'resume':
    case 'approve':
    case 'abort':
    case 'start-now':
    case 'retry-failed':
      return {};
    case 'skip':
      return { vnfUuids };
    case 'reprioritize':
      return { vnfUuids, priority: numberIn(form, 'priority') };
    case 'set-limits':
      return { limits: numbersIn(form, ['total', 'perSourceVim', 'perTargetVim']) };
    case 'set-budget':
      return { budget: budgetOf(form) };
    case 'set-windows':
      return timesOf(form, windows);
    case 'add-items':
      return { items: itemsIn(form) };
  }
}

function textIn(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

/** What is no number is sent as it is: the console says what would be right. */
function numberIn(form: FormData, name: string): number | string {
  const text = textIn(form, name);
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

function numbersIn(form: FormData, names: readonly string[]): object {
  const given = names.filter((name) => textIn(form, name) !== '');
  return Object.fromEntries(given.map((name) => [name, numberIn(form, name)]));
}

function budgetOf(form: FormData): object {
  const action = textIn(form, 'action');
  return { ...numbersIn(form, ['maxErrors', 'maxConsecutive']), ...(action === '' ? {} : { action }) };
}

function timesOf(form: FormData, windows: readonly WindowDraft[]): object {
  const [kind, cutoff, notBefore] = ['kind', 'cutoff', 'notBefore'].map((name) => textIn(form, name));
  return {
    ...(kind === 'replace' ? { windows: windows.map(windowOf) } : {}),
    ...(kind === 'none' ? { windows: null } : {}),
    ...(cutoff === '' ? {} : { cutoff }),
    ...(notBefore === '' ? {} : { notBefore: notBefore === 'none' ? null : notBefore }),
  };
}

function itemsIn(form: FormData): object {
  const reading = readItems(textIn(form, 'items'));
  if (reading.kind === 'items') return reading.items;
  const problems = reading.problems.map((detail) => ({ pointer: '/items', detail }));
  throw new ApiProblem({ code: 'invalid', detail: 'the list of items cannot be read', problems });
}
