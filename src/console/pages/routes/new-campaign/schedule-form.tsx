/** Starts what was planned again and again, in place of once. */
import { FormDialog, textOf } from '../../components/form-dialog.js';
import { Field } from '../../components/field.js';
import { presentTimeZone } from '../../text/times.js';
import { useState } from 'react';

export interface ScheduleTimes {
  name: string;
  cron: string;
  timeZone: string;
  replace: boolean;
  reason: string;
}

interface ScheduleFormProps {
  name: string;
  schedule: (times: ScheduleTimes) => Promise<void>;
}

export function ScheduleForm({ name, schedule }: ScheduleFormProps) {
  const [isOpen, setIsOpen] = useState(false);
  const send = (form: FormData): Promise<void> =>
    schedule({
      name: textOf(form, 'name'),
      cron: textOf(form, 'cron'),
      timeZone: textOf(form, 'timeZone'),
      replace: form.get('replace') === 'yes',
      reason: textOf(form, 'reason'),
    });
  return (
    <>
      {' '}
      <button type="button" className="secondary outline" onClick={() => setIsOpen(true)}>
        Schedule
      </button>
      {isOpen ? (
        <FormDialog
          title="Schedule the campaign"
          effect={
            <p>Starts the campaign at the times of a cron expression. While one runs, no other is started.</p>
          }
          action="Schedule"
          onClose={() => setIsOpen(false)}
          send={send}
        >
          <ScheduleFields name={name} />
        </FormDialog>
      ) : null}
    </>
  );
}

function ScheduleFields({ name }: { name: string }) {
  return (
    <>
      <Field label="Name" pointer="/scheduleName">
        {(control) => <input {...control} name="name" required defaultValue={name} />}
      </Field>
      <div className="field-row">
        <Field label="Cron" pointer="/cron" hint="minute, hour, day, month, weekday">
          {(control) => <input {...control} name="cron" required defaultValue="0 22 * * 5" />}
        </Field>
        <Field label="Time zone" pointer="/timeZone" hint="such as Europe/Athens">
          {(control) => <input {...control} name="timeZone" required defaultValue={presentTimeZone()} />}
        </Field>
      </div>
      <label>
        <input type="checkbox" name="replace" value="yes" />
        Replace a schedule of that name
      </label>
    </>
  );
}
