/** The id of the form field for a JSON pointer, so that problems can link to it. Pure. */
export function fieldId(pointer: string): string {
  return `field${pointer.replaceAll(/[^\w-]/g, '.')}`;
}
