/** Aborted by the first SIGINT or SIGTERM; the second ends the process at once. */
export function untilSignalled(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort(new Error(`${name} received`)));
  }
  return controller.signal;
}
