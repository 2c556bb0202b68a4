/** The evidence of a migration as a timeline. */
import type { MigrationState } from '../../../../shared/migration/contract.js';
import { Time } from '../../components/time.js';
import { evidenceOf } from '../../text/evidence.js';
import { symbolOf } from '../../text/words.js';

export function Evidence({ state }: { state: MigrationState }) {
  return (
    <section>
      <h2>Evidence</h2>
      <ol className="timeline">
        {evidenceOf(state).map(({ at, title, text, detail, tone }, index) => (
          <li key={index} className={tone}>
            <p>
              <span className="mark" aria-hidden="true">
                {symbolOf(tone)}
              </span>
              <strong>{title}</strong> <Time iso={at} />
            </p>
            {text === null ? null : <p>{text}</p>}
            {detail === null ? null : (
              <p>
                <code>{detail}</code>
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
