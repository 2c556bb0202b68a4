/**
 * Reads a whole campaign from a file in YAML or JSON: the input of `migrationCampaign`, and a `name`.
 * campaign-options.ts checks the contents together with the options.
 */
import { readLocated } from './located-yaml.js';
import { NO_TEXT, printable, textOf } from './text-file.js';

export interface SpecFile {
  input: Record<string, unknown>;
  name: string | null;
  /** Describes a problem at a path of the file, with its line. */
  problem: (path: readonly PropertyKey[], message: string) => string;
}

export type SpecReading = { kind: 'spec'; spec: SpecFile } | { kind: 'wrong'; problems: string[] };

export function readSpec(file: string, bytes: Uint8Array): SpecReading {
  const wrong = (line: number, text: string): SpecReading => ({
    kind: 'wrong',
    problems: [`${file}:${line}: ${printable(text)}`],
  });
  const text = textOf(bytes);
  if (text === null) return wrong(1, NO_TEXT);
  const reading = readLocated(text);
  if (reading.kind === 'unreadable') return wrong(reading.line, reading.message);
  const { value, lineOf } = reading.located;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return wrong(
      lineOf([]),
      'one object with items or evacuate is needed; a mere list of items goes to --items',
    );
  }
  const { name = null, ...input } = value as Record<string, unknown>;
  if (name !== null && typeof name !== 'string') return wrong(lineOf(['name']), 'name: expected text');
  const problem: SpecFile['problem'] = (path, message) => {
    const field = path.map(String).join('.');
    return `${file}:${lineOf(path)}: ${printable(field === '' ? message : `${field}: ${message}`)}`;
  };
  return { kind: 'spec', spec: { input, name, problem } };
}
