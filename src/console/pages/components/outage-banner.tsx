/** Says what does not answer, and since when. It goes away by itself, because the pages go on asking. */
import { useEffect } from 'react';
import { useAvailability, type Outage } from '../api/availability.js';
import { request } from '../api/http.js';
import { clockText } from '../text/times.js';

const ASK_AGAIN_MS = 3_000;

export function OutageBanner() {
  const { console: own, parts } = useAvailability();
  useAskingWhile(own !== null);
  const shown = own === null ? parts : [own];
  return (
    <div role="status" className="outages">
      {shown.map((outage) => (
        <OutageLine key={outage.detail} outage={outage} />
      ))}
    </div>
  );
}

function OutageLine({ outage: { detail, sinceMs } }: { outage: Outage }) {
  return (
    <p className="banner bad">
      <span aria-hidden="true">✕ </span>
      {detail} <span className="quiet">Since {clockText(sinceMs)}. It is asked again by itself.</span>
    </p>
  );
}

/** A page that reads nothing by itself would not notice that the console is back. */
function useAskingWhile(isAway: boolean): void {
  useEffect(() => {
    if (!isAway) return;
    const timer = setInterval(() => void request('/session').catch(() => undefined), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isAway]);
}
