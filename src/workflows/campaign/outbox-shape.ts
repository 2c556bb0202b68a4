/** What of its outbox a campaign carries from run to run. */
import type { CampaignEventData, NotifyEvent } from '../../shared/notify/contract.js';

/** An event, as the campaign carries it: its id and the campaign's name are of the workflow. */
export interface Outgoing {
  sequence: number;
  type: NotifyEvent;
  atMs: number;
  data: Omit<CampaignEventData, 'campaign'>;
}

export interface Outbox {
  next: number;
  events: Outgoing[];
  /** The last stage whose end was told. */
  endedStage: number;
  /** Receivers whose workflow was started. */
  begun: string[];
  isEndTold?: boolean;
}
