/** Always to be seen while what is shown may be old. */
import { clockText } from '../text/times.js';

export function NotLive({ since }: { since: { sinceMs: number; reason: string } | null }) {
  return (
    <div role="status" className="not-live">
      {since === null ? null : (
        <p className="banner bad">
          <span>
            <strong>Not live since {clockText(since.sinceMs)}:</strong> {since.reason}
          </span>
        </p>
      )}
    </div>
  );
}
