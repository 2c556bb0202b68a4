/** Starts one migration. */
import { useState } from 'react';
import { useLocation } from 'wouter';
import { request } from '../api/http.js';
import type { Started, VimRow } from '../api/types.js';
import { useQuery } from '../api/use-query.js';
import { Field } from '../components/field.js';
import { FormDialog, textOf } from '../components/form-dialog.js';
import { VimPicker } from '../components/vim-picker.js';
import { migrationPlace } from '../text/places.js';

export function StartMigrationDialog({ onClose }: { onClose: () => void }) {
  const [, navigate] = useLocation();
  const vims = useQuery<{ vims: VimRow[] }>('/vims').data?.vims ?? null;
  const [targets, setTargets] = useState<readonly string[]>([]);
  const send = async (form: FormData): Promise<void> => {
    const body = {
      serviceInstanceUuid: textOf(form, 'service'),
      vnfUuid: textOf(form, 'vnf'),
      vimUuid: targets[0] ?? '',
      ...(form.get('afterUnknown') === 'yes' ? { afterUnknown: true } : {}),
    };
    const { workflowId } = await request<Pick<Started, 'workflowId'>>('/migrations', {
      method: 'POST',
      body,
    });
    navigate(migrationPlace(workflowId));
  };
  return (
    <FormDialog
      title="Start a migration"
      effect={
        <p>Moves one VNF to a VIM. If a migration of that VNF runs, it is shown, and none is started.</p>
      }
      action="Start"
      hasReason={false}
      onClose={onClose}
      send={send}
    >
      <Field label="Service instance" pointer="/serviceInstanceUuid" hint="Its uuid.">
        {(control) => <input {...control} name="service" required />}
      </Field>
      <Field label="VNF" pointer="/vnfUuid" hint="Its uuid.">
        {(control) => <input {...control} name="vnf" required />}
      </Field>
      <VimPicker
        label="Target VIM"
        pointer="/vimUuid"
        hint="By name or uuid. Enter takes it."
        vims={vims}
        chosen={targets}
        onChange={(chosen) => setTargets(chosen.slice(-1))}
      />
      <label>
        <input type="checkbox" name="afterUnknown" value="yes" />
        Also where nobody knows how the last migration of this VNF ended
      </label>
    </FormDialog>
  );
}
