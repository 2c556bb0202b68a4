// With `node --import`: writes the modules that a process has loaded of OpenTelemetry, when it ends. All of them are CommonJS.
import { appendFileSync } from 'node:fs';
import module from 'node:module';

process.on('exit', () => {
  const loaded = Object.keys(module._cache).filter((file) => /opentelemetry/.test(file));
  appendFileSync(process.env.LOADED_MODULES_FILE, `${loaded.length} ${loaded[0] ?? ''}\n`);
});
