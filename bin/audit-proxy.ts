#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { version } from '../package.json';
import { checkCommand } from './commands/check';
import { doctorCommand } from './commands/doctor';
import { eventsCommand } from './commands/events';
import { policyCommand } from './commands/policy';
import { proveCommand } from './commands/prove';
import { pseudonymCommand } from './commands/pseudonym';
import { recoverCommand } from './commands/recover';
import { sqlCommand } from './commands/sql';
import { startCommand } from './commands/start';
import { verifyCommand } from './commands/verify';

/** Exit code for whatever kept a command from doing its work; 1 is for findings. */
const COULD_NOT = 2;

const program = new Command('audit-proxy')
  .description('An access proxy whose audit log can be proven complete and unaltered.')
  .version(version)
  .exitOverride()
  .showHelpAfterError('(--help shows what there is)')
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 findings (verify, doctor), losses (recover) or not proven (check) or not as expected (policy test), 2 could not do it',
  );

for (const command of [
  startCommand(),
  eventsCommand(),
  sqlCommand(),
  verifyCommand(),
  recoverCommand(),
  policyCommand(),
  proveCommand(),
  checkCommand(),
  pseudonymCommand(),
  doctorCommand(),
]) {
  program.addCommand(command.copyInheritedSettings(program));
  for (const part of command.commands) part.copyInheritedSettings(program);
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  fail(error);
  process.exit();
});

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    // Commander has already said it; help and version are no errors.
    process.exitCode = error.exitCode === 0 ? 0 : COULD_NOT;
    return;
  }
  fail(error);
});

/** One clear line; where it happened in the code tells a user nothing. */
function fail(error: unknown): void {
  process.stderr.write(`audit-proxy: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = COULD_NOT;
}
