/** A used part of a whole, as a bar with its numbers. */
import { numberText } from '../text/times.js';

interface MeterProps {
  label: string;
  used: number;
  total: number;
  /** What it will be: drawn behind. */
  after?: number;
}

export function UsageMeter({ label, used, total, after }: MeterProps) {
  const share = (value: number): string =>
    `${total <= 0 ? 0 : Math.min(100, Math.max(0, (100 * value) / total))}%`;
  const text =
    after === undefined
      ? `${numberText(used)} of ${numberText(total)}`
      : `${numberText(used)} to ${numberText(after)} of ${numberText(total)}`;
  return (
    <div className="usage">
      <div
        className={used > total || (after ?? 0) > total ? 'usage-bar over' : 'usage-bar'}
        role="img"
        aria-label={`${label}: ${text}`}
      >
        {after === undefined ? null : <span className="after" style={{ width: share(after) }} />}
        <span className="used" style={{ width: share(used) }} />
      </div>
      <span>{text}</span>
    </div>
  );
}
