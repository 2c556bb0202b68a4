/** How a migration ended, and what that means. */
import { humanDuration } from '../../../../shared/duration.js';
import type { MigrationResult } from '../../../../shared/migration/contract.js';
import type { MigrationView } from '../../api/types.js';
import { failureText, plainText } from '../../text/words.js';

export function Outcome({ view: { result, failure } }: { view: MigrationView }) {
  return (
    <div aria-live="polite">
      {result === null ? null : <Success result={result} />}
      {failure === null ? null : <Failure failure={failure} />}
    </div>
  );
}

function Success({ result }: { result: MigrationResult }) {
  const { outcome, evidence, newVnfUuid, durationMs, manoDurationSeconds, attempts } = result;
  return (
    <div className="banner good">
      <p>
        <strong>{outcome === 'migrated' ? 'Migrated' : 'Already there'}</strong> after{' '}
        {humanDuration(durationMs)}
        {manoDurationSeconds === null ? '' : ` (${manoDurationSeconds} s by the MANO)`}, with{' '}
        {attempts.length} requests. Evidence: {plainText(evidence)}.
      </p>
      {newVnfUuid === null ? null : (
        <p>
          The new id of the VNF is <code>{newVnfUuid}</code>.
        </p>
      )}
    </div>
  );
}

function Failure({ failure: { type, message } }: { failure: NonNullable<MigrationView['failure']> }) {
  const meaning = failureText(type);
  return (
    <div className="banner bad">
      <p>
        <strong>{type ?? 'It failed'}:</strong> {message}
      </p>
      {meaning === null ? null : <p>{meaning}</p>}
    </div>
  );
}
