/** Sets and clears the limits of the deployment. */
import { useState } from 'react';
import type { LimitsState } from '../../../shared/limits/contract.js';
import { request } from '../api/http.js';
import type { VimRow } from '../api/types.js';
import { Field } from '../components/field.js';
import { FormDialog, textOf } from '../components/form-dialog.js';
import { VimPicker } from '../components/vim-picker.js';

interface DialogProps {
  onClose: () => void;
  onDone: () => void;
}

interface SetLimitsDialogProps extends DialogProps {
  state: LimitsState | null;
  vims: readonly VimRow[] | null;
}

export function SetLimitsDialog({ state, vims, onClose, onDone }: SetLimitsDialogProps) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const send = async (form: FormData): Promise<void> => {
    await request('/limits', { method: 'PUT', body: orderOf(form, chosen) });
    onDone();
  };
  const total = state?.limits?.total ?? null;
  const hint = `A number from 0, or none. Empty: as it is${total === null ? '' : `, ${total}`}.`;
  return (
    <FormDialog
      title="Set limits"
      effect={
        <p>
          What is not named stays as it is. A lower limit cancels nothing that runs. With 0 nothing starts.
        </p>
      }
      action="Set"
      onClose={onClose}
      send={send}
    >
      <Field label="In flight in all" pointer="/total" hint={hint}>
        {(control) => <input {...control} name="total" />}
      </Field>
      <VimPicker
        label="VIMs"
        pointer="/vims"
        hint="The VIMs that the next two are about, by name or uuid."
        vims={vims}
        chosen={chosen}
        onChange={setChosen}
      />
      <div className="field-row">
        <Field
          label="In"
          pointer="/vims/in"
          hint="At most so many to each of them, or none. Empty: as it is."
        >
          {(control) => <input {...control} name="in" disabled={chosen.length === 0} />}
        </Field>
        <Field label="Out" pointer="/vims/out" hint="At most so many away from each of them, or none.">
          {(control) => <input {...control} name="out" disabled={chosen.length === 0} />}
        </Field>
      </div>
    </FormDialog>
  );
}

function orderOf(form: FormData, vims: readonly string[]): object {
  const limits = { ...limitIn(form, 'in'), ...limitIn(form, 'out') };
  return {
    reason: textOf(form, 'reason'),
    ...limitIn(form, 'total'),
    ...(vims.length === 0 ? {} : { vims: vims.map((vimUuid) => ({ vimUuid, ...limits })) }),
  };
}

/** Null ends a limit. What is no number is sent as it is: the console says what would be right. */
function limitIn(form: FormData, name: string): Record<string, number | string | null> {
  const text = textOf(form, name);
  if (text === '') return {};
  if (text.toLowerCase() === 'none') return { [name]: null };
  return { [name]: /^\d+$/.test(text) ? Number(text) : text };
}

export function ClearLimitsDialog({ onClose, onDone }: DialogProps) {
  return (
    <FormDialog
      title="Clear the limits"
      effect={<p>Ends all limits of the deployment. What waits for them may go.</p>}
      action="Clear"
      isDangerous
      onClose={onClose}
      send={async (form) => {
        await request('/limits/clear', { method: 'POST', body: { reason: textOf(form, 'reason') } });
        onDone();
      }}
    />
  );
}
