/** What time does to the starts of a campaign. Loaded by itself: the zone data is larger than all pages. */
import { timingText } from '../../../../shared/campaign/timing-text.js';
import type { CampaignProgress } from '../../../../shared/campaign/views.js';

export default function TimingLine({ progress, nowMs }: { progress: CampaignProgress; nowMs: number }) {
  const text = timingText(progress, nowMs);
  return text === '' ? null : <p>Time: {text}.</p>;
}
