/** Cancels a migration. */
import { request, segment } from '../../api/http.js';
import { FormDialog } from '../../components/form-dialog.js';

interface CancelDialogProps {
  workflowId: string;
  mayBeRunning: boolean;
  onClose: () => void;
}

export function CancelDialog({ workflowId, mayBeRunning, onClose }: CancelDialogProps) {
  const effect = (
    <>
      <p>The migration sends no more requests, and ends.</p>
      {mayBeRunning ? (
        <p className="banner doubt">
          <span>A request may be running at the MANO. It cannot be stopped: the VNF may still move.</span>
        </p>
      ) : null}
    </>
  );
  return (
    <FormDialog
      title="Cancel the migration"
      effect={effect}
      action="Cancel the migration"
      isDangerous
      hasReason={false}
      onClose={onClose}
      send={async () => {
        await request(`/migrations/${segment(workflowId)}/cancel`, { method: 'POST' });
      }}
    />
  );
}
