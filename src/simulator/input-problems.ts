/** Describes invalid input together with what would be valid. */
import { z } from 'zod';

/** An object without unknown keys. The error for an unknown key also lists the known ones. */
export function strictObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown: ${issue.keys.join(', ')}; known are ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

/** The problems of an input, one line each: where, what, and what would be valid. */
export function problemsOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const where = issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
    return `${where}${issue.message}`;
  });
}
