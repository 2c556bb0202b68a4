#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EXIT, readableError } from './exit-codes.js';
import { createProgram } from './program.js';
import { traceCommands } from './traces.js';

const program = createProgram();
let hasFailed = false;
const traces = traceCommands(program);
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has already printed the requested help, or the problem with the arguments.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    const { message, code } = readableError(error);
    process.stderr.write(`vnf-migrator: ${message}\n`);
    process.exitCode = code;
    hasFailed = true;
  }
} finally {
  const isFlushed = await traces.stop();
  // What an exporter still tries must not hold the process, nor what the SDK's core left behind when it failed: nobody
  // would start it again.
  if (hasFailed || !isFlushed) process.exit();
}
