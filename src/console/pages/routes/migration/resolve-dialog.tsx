/** An operator says how a migration ended that waits for one. */
import { request, segment } from '../../api/http.js';
import { Field } from '../../components/field.js';
import { FormDialog, textOf } from '../../components/form-dialog.js';

interface ResolveDialogProps {
  workflowId: string;
  onClose: () => void;
}

export function ResolveDialog({ workflowId, onClose }: ResolveDialogProps) {
  const send = async (form: FormData): Promise<void> => {
    const newVnfUuid = textOf(form, 'newVnfUuid');
    const body = {
      outcome: textOf(form, 'outcome'),
      reason: textOf(form, 'reason'),
      ...(newVnfUuid === '' ? {} : { newVnfUuid }),
    };
    await request(`/migrations/${segment(workflowId)}/resolve`, { method: 'POST', body });
  };
  return (
    <FormDialog
      title="Resolve the migration"
      effect={<p>Tells the migration what you know to be true. It ends with that. This cannot be undone.</p>}
      action="Resolve"
      onClose={onClose}
      send={send}
    >
      <Field label="Outcome" pointer="/outcome">
        {(control) => (
          <select {...control} name="outcome" required defaultValue="">
            <option value="" disabled>
              choose
            </option>
            <option value="migrated">migrated: the VNF is on the target</option>
            <option value="not-migrated">not migrated: the VNF is where it was</option>
          </select>
        )}
      </Field>
      <Field label="New VNF uuid" pointer="/newVnfUuid" hint="The VNF's id on the target, if you know it.">
        {(control) => <input {...control} name="newVnfUuid" />}
      </Field>
    </FormDialog>
  );
}
