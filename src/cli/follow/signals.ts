/** Aborted by the first SIGINT or SIGTERM; the second, whichever it is, ends the process at once. */
export function untilSignalled(): AbortSignal {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  const handle = (name: NodeJS.Signals): void => {
    for (const each of names) process.off(each, handle);
    controller.abort(new Error(`${name} received`));
  };
  for (const name of names) process.on(name, handle);
  return controller.signal;
}
