import { Argument, Command } from 'commander';
import { CONTRACT_NAMES, jsonSchemaOf, type ContractName } from '../../contract/json-schema.js';
import { printLine } from '../output/print.js';

export function schemaCommand(): Command {
  return new Command('schema')
    .description('print the JSON Schema of an input, a result or a failure, for callers in other languages')
    .addArgument(new Argument('<name>', 'which one').choices(CONTRACT_NAMES))
    .action((name: ContractName) => printLine(JSON.stringify(jsonSchemaOf(name), null, 2)));
}
