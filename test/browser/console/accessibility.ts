/**
 * Checks what a page shows by the rules of WCAG 2.2, levels A and AA, with axe.
 *
 * Invariant: the Content-Security-Policy of the page stays as it is. What is evaluated through the browser's protocol is no
 * script of the page.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, NodeResult, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const OPTIONS: RunOptions = {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'] },
  // Not run by default.
  rules: { 'target-size': { enabled: true } },
  resultTypes: ['violations'],
};

/** One line for each rule that is broken, with where. */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(OPTIONS)})`);
  return violations.flatMap(({ id, help, nodes: all }) => {
    const nodes = all.filter((node) => !isUnderHead(node));
    if (nodes.length === 0) return [];
    return [`axe ${id}: ${help} (${nodes.length}): ${nodes.slice(0, 3).map(whereOf).join(' | ')}`];
  });
}

/** A row that is scrolled half under the head of its table is as large as the others. */
function isUnderHead({ any, html }: NodeResult): boolean {
  return (
    html.includes('aria-label="Select ') && any.some(({ message }) => message.includes('partially obscured'))
  );
}

function whereOf({ html, any }: NodeResult): string {
  const [reason] = any;
  return `${html.slice(0, 160)}${reason === undefined ? '' : ` [${reason.message}]`}`;
}
