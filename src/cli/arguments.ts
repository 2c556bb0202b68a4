/** Arguments that several commands take, checked in one way. */
import { InvalidArgumentError } from 'commander';
import { migrationWorkflowId } from '../client/migration-client.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws InvalidArgumentError, which ends the command with exit code 2 */
export function uuidArgument(value: string): string {
  if (UUID.test(value)) return value.toLowerCase();
  throw new InvalidArgumentError('It is a UUID such as 11000b22-4625-548a-b27c-3d42ea669e6c.');
}

/** A VNF's uuid stands for the workflow id that we make of it. */
export function workflowIdOf(id: string): string {
  return UUID.test(id) ? migrationWorkflowId(id) : id;
}
