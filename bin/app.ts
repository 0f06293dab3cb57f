import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AuditProxyStack } from './app/audit-proxy-stack';
import { ConfigError } from './config/config';
import { loadConfig } from './config/load-config';

const DEFAULT_CONFIG_FILE = 'audit-proxy.json';

/** Exit code for a wrong command line or configuration. */
const WRONG_USE = 2;

// Synthesized below, and not once more when the process ends, as after a wrong config.
const app = new App({ autoSynth: false });
const file = (app.node.tryGetContext('config') as string | undefined) ?? DEFAULT_CONFIG_FILE;
try {
  const config = loadConfig(file);
  new AuditProxyStack(app, config.stackName, { config });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
} catch (error) {
  if (!isAboutInput(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = WRONG_USE;
}

/** Errors that tell what to change in the config; where in our code they were noticed helps nobody. */
function isAboutInput(error: unknown): error is Error {
  return error instanceof ConfigError || (error instanceof Error && error.name === 'ValidationError');
}
