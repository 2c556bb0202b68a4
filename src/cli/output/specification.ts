/** Writes a campaign as `--spec` reads it. */
import { writeFileSync } from 'node:fs';
import { dump } from 'js-yaml';
import type { CampaignInput } from '../../shared/campaign/contract.js';
import { CommandError } from '../exit-codes.js';

export interface Specification {
  /** One line each. JSON has none. */
  comments: readonly string[];
  name: string;
  input: CampaignInput;
}

export function specificationText({ comments, name, input }: Specification): string {
  const lines = comments.map((comment) => `# ${comment}\n`);
  return `${lines.join('')}${dump({ name, ...input }, { lineWidth: -1, noRefs: true })}`;
}

/** @throws CommandError */
export function writeSpecification(file: string, specification: Specification): void {
  const { name, input } = specification;
  const isJson = file.toLowerCase().endsWith('.json');
  const text = isJson ? `${JSON.stringify({ name, ...input }, null, 2)}\n` : specificationText(specification);
  try {
    writeFileSync(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`--output ${file}: it cannot be written: ${reason}`);
  }
}
