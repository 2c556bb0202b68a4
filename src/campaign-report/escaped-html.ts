/**
 * HTML that cannot be broken by what is put into it.
 *
 * Invariant: whatever enters `html` as text is escaped, for elements and for quoted attributes alike; only what
 * `html` made itself enters as it is.
 */

export class Markup {
  constructor(readonly text: string) {}
}

export type Part = string | number | null | Markup | readonly Part[];

/** A template of which every hole is escaped; a list is joined, null is nothing. Its own indentation goes. */
export function html(texts: TemplateStringsArray, ...holes: readonly Part[]): Markup {
  const own = texts.map((text) => text.replace(/\n\s*/g, '\n'));
  return new Markup(
    own.map((text, index) => (index === 0 ? text : written(holes[index - 1] ?? null) + text)).join(''),
  );
}

function written(part: Part): string {
  if (part === null) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  return part.map(written).join('');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, and those that turn the direction of what follows, are shown as boxes. */
const UNFIT = /(?![\t\n])\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

export function escaped(text: string): string {
  return text.replace(UNFIT, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
