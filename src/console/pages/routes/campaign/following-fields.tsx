/** What a campaign that follows another needs to know. */
import { Field } from '../../components/field.js';
import { textOf } from '../../components/form-dialog.js';

export function FollowingFields() {
  return (
    <>
      <Field label="Name" pointer="/name" hint="Empty: the name of this one, with a number.">
        {(control) => <input {...control} name="name" />}
      </Field>
      <label>
        <input type="checkbox" name="anyway" value="yes" />
        Start it also where a running campaign works against it
      </label>
    </>
  );
}

export function followingBody(form: FormData): object {
  const name = textOf(form, 'name');
  return {
    reason: textOf(form, 'reason'),
    ...(name === '' ? {} : { name }),
    ...(form.get('anyway') === 'yes' ? { anyway: true } : {}),
  };
}
