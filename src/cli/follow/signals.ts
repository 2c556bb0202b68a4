/** Aborts on the first SIGINT or SIGTERM. The second signal of either kind ends the process immediately. */
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
