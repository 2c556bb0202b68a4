/** One order to a campaign: what it does, what it needs to know, and why it is given. */
import { useRef, useState } from 'react';
import type { CampaignItemView, CampaignProgress } from '../../../../shared/campaign/views.js';
import { request, segment } from '../../api/http.js';
import { OrderKey } from '../../api/order-key.js';
import { asProblem } from '../../api/problem.js';
import { FormDialog, textOf } from '../../components/form-dialog.js';
import type { WindowDraft } from '../../components/window-draft.js';
import { ORDER_EFFECTS, orderTitle, type OrderName } from '../../text/orders.js';
import { countText } from '../../text/times.js';
import { bodyOf } from './order-body.js';
import { OrderFields } from './order-fields.js';

interface OrderDialogProps {
  order: OrderName;
  workflowId: string;
  progress: CampaignProgress;
  selected: readonly CampaignItemView[];
  onClose: () => void;
  onAnswer: (progress: CampaignProgress) => void;
}

export function OrderDialog({ order, workflowId, progress, selected, onClose, onAnswer }: OrderDialogProps) {
  const key = useRef(new OrderKey());
  const [windows, setWindows] = useState<readonly WindowDraft[]>([]);
  const vnfUuids = selected.map(({ vnfUuid }) => vnfUuid);
  const send = async (form: FormData): Promise<void> => {
    const body = { reason: textOf(form, 'reason'), ...bodyOf(order, { form, vnfUuids, windows }) };
    const headers = { 'idempotency-key': key.current.keyFor(body) };
    const path = `/campaigns/${segment(workflowId)}/orders/${order}`;
    try {
      onAnswer(await request<CampaignProgress>(path, { method: 'POST', body, headers }));
    } catch (error) {
      if (!asProblem(error).isPassing) key.current.answered();
      throw error;
    }
  };
  const title = orderTitle(order);
  const isOfItems = order === 'skip' || order === 'reprioritize';
  return (
    <FormDialog
      title={isOfItems ? `${title} ${countText(selected.length, ['item', 'items'])}` : title}
      effect={<p>{ORDER_EFFECTS[order]}</p>}
      action={title}
      isDangerous={order === 'abort'}
      onClose={onClose}
      send={send}
    >
      <OrderFields order={order} progress={progress} windows={windows} onWindows={setWindows} />
    </FormDialog>
  );
}
