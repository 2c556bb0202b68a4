/**
 * An event of a campaign as a CloudEvent 1.0, in JSON (structured mode).
 *
 * Invariant: the same event always gives the same text, so that a receiver can drop what it has by `source` and `id`.
 */
import { CloudEvent, HTTP } from 'cloudevents';
import type { CampaignEvent } from '../shared/notify/contract.js';

export interface CampaignMessage {
  /** The workflow id of the campaign. */
  campaignId: string;
  event: CampaignEvent;
}

export function cloudEventMessage({ campaignId, event }: CampaignMessage): {
  contentType: string;
  body: string;
} {
  const { id, type, atMs, data } = event;
  const { headers, body } = HTTP.structured(
    new CloudEvent({
      id,
      type: `vnf-migrator.campaign.${type}.v1`,
      // A workflow id may have characters that no URI reference has.
      source: `/campaigns/${campaignId.split('/').map(encodeURIComponent).join('/')}`,
      subject: data.campaign === '' ? campaignId : data.campaign,
      time: new Date(atMs).toISOString(),
      datacontenttype: 'application/json',
      data,
    }),
  );
  return { contentType: String(headers['content-type']), body: String(body) };
}
