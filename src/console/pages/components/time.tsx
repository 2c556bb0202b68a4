/** A point in time, in the zone of the browser; the exact one in its title. */
import { timeText } from '../text/times.js';

export function Time({ iso, missing = '' }: { iso: string | null | undefined; missing?: string }) {
  if (iso === null || iso === undefined) return <span className="quiet">{missing}</span>;
  return (
    <time dateTime={iso} title={iso}>
      {timeText(iso)}
    </time>
  );
}
