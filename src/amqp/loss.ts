/** Why there is no session: an outage that passes, or something that only a person can mend. */
export interface Loss {
  kind: 'outage' | 'misconfigured';
  /** Readable, without credentials. */
  reason: string;
}

interface Diagnosis {
  pattern: RegExp;
  reason: string;
}

const MISCONFIGURATIONS: readonly Diagnosis[] = [
  {
    pattern: /ACCESS_REFUSED.*login|403.*login|Login was refused|ACCESS-REFUSED/i,
    reason: 'the broker refused the credentials in AMQP_URL, or the permissions of that user',
  },
  {
    // amqplib keeps the broker's own words for itself here.
    pattern: /Expected ConnectionOpenOk; got <ConnectionClose|NOT_ALLOWED.*vhost/i,
    reason: 'the broker does not know the virtual host in AMQP_URL, or refuses it',
  },
  {
    pattern: /PRECONDITION_FAILED.* for exchange '/i,
    reason:
      'the exchange in AMQP_EXCHANGE exists, but is no non-durable topic exchange as the MANO declares it ' +
      '(delete it, or name the right one)',
  },
  {
    pattern: /PRECONDITION_FAILED.* for queue '/i,
    reason:
      'our queue exists with other arguments than ours (made by another version?); delete it to have it declared anew',
  },
  { pattern: /ENOTFOUND|EAI_AGAIN/i, reason: 'the host in AMQP_URL cannot be resolved' },
  { pattern: /certificate|self.signed|wrong version number|EPROTO/i, reason: 'TLS to the broker failed' },
];

/** Sorts what amqplib and the broker say. Brokers' texts name users and virtual hosts, never passwords. */
export function classifyLoss(error: Error): Loss {
  const text = describeError(error);
  const known = MISCONFIGURATIONS.find(({ pattern }) => pattern.test(text));
  if (known !== undefined) return { kind: 'misconfigured', reason: `${known.reason} (${text})` };
  return { kind: 'outage', reason: text };
}

function describeError(error: Error): string {
  // Several addresses of one host: Node puts what happened to each into an AggregateError without a message.
  const text = error instanceof AggregateError ? error.errors.map(String).join('; ') : error.message;
  return text.slice(0, 500);
}
