#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EXIT, readableError } from './exit-codes.js';
import { createProgram } from './program.js';

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has already printed the requested help, or the problem with the arguments.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    const { message, code } = readableError(error);
    process.stderr.write(`vnf-migrator: ${message}\n`);
    process.exitCode = code;
  }
}
