/** Arguments that several commands share, checked in one place. */
import { InvalidArgumentError } from 'commander';
import { load, YAMLException } from 'js-yaml';
import { CommandError, EXIT } from '../exit-codes.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws InvalidArgumentError, which ends the command with exit code 2 */
export function uuidArgument(value: string): string {
  if (UUID.test(value)) return value.toLowerCase();
  throw new InvalidArgumentError('It is a UUID such as 11000b22-4625-548a-b27c-3d42ea669e6c.');
}

/** Collects the values of an option that may be repeated. */
export function repeated(value: string, given: string[] = []): string[] {
  return [...given, value];
}

/** Parses `name=value` of an option. YAML parses the value: a number becomes a number, other values stay text. */
export function namedValues(option: string, pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals >= 1) return [pair.slice(0, equals), yamlValue(pair.slice(equals + 1))];
      const example = option === '--policy' ? ', such as finalTimeout=1h' : '';
      throw new CommandError(`${option} ${pair}: expected name=value${example}`, { code: EXIT.usage });
    }),
  );
}

/** A value as YAML has it; what is no YAML stays text. */
export function yamlValue(text: string): unknown {
  try {
    return load(text);
  } catch (error) {
    if (error instanceof YAMLException) return text;
    throw error;
  }
}

/** @throws InvalidArgumentError */
export function limitArgument(value: string): number {
  const limit = Number(value);
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgumentError('It is a whole number from 1.');
  return limit;
}

/** Collects the uuids of an argument that may be repeated. @throws InvalidArgumentError */
export function uuids(value: string, given?: string[]): string[] {
  return repeated(uuidArgument(value), given);
}
