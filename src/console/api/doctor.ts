/** The checks of all that a migration needs. */
import { z } from 'zod';
import { runDoctor, type Diagnosis } from '../../doctor/run-doctor.js';
import type { ConsoleContext } from '../context.js';
import { SharedAnswers } from '../shared-answers.js';
import { json, problems, type Api } from './app.js';

const diagnosisSchema = z.object({
  /** Nothing failed. There may be warnings. */
  ok: z.boolean(),
  checks: z.array(
    z.object({ name: z.string(), state: z.enum(['ok', 'warning', 'failed']), text: z.string() }),
  ),
});

/** The checks ask the MANO, and take seconds. */
const VALID_MS = 5_000;

export function doctorRoutes(api: Api, { config }: ConsoleContext): void {
  const diagnoses = new SharedAnswers<Diagnosis>(VALID_MS);
  api.get(
    '/doctor',
    {
      schema: {
        tags: ['doctor'],
        summary: 'Whether everything that a migration needs is there and answers, as the console sees it',
        response: { 200: json(diagnosisSchema, 'the checks'), ...problems() },
      },
    },
    async () => await diagnoses.get('all', () => runDoctor(config)),
  );
}
