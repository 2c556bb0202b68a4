import { ApplicationFailure } from '@temporalio/common';
import { RepositoryUnavailable, type RepositoryClient } from '../repository/client.js';

/**
 * Asks the repository, in the form in which activities fail.
 * @throws ApplicationFailure `RepositoryUnavailable`: what cannot be read is never an answer
 */
export async function withRepository<T>(
  repository: RepositoryClient | null,
  ask: (repository: RepositoryClient) => Promise<T>,
): Promise<T> {
  if (repository === null)
    throw ApplicationFailure.nonRetryable('REPOSITORY_URL is not set', 'RepositoryUnavailable');
  try {
    return await ask(repository);
  } catch (error) {
    if (!(error instanceof RepositoryUnavailable)) throw error;
    const { message, retryable } = error;
    throw ApplicationFailure.create({ type: 'RepositoryUnavailable', message, nonRetryable: !retryable });
  }
}
