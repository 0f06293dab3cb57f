import { Command, Option } from 'commander';

const HELP = `
The file holds requests, each with what the policy should say of it:

  { "requests": [
    { "name": "buyers read orders", "method": "GET", "path": "/orders/7", "caller": "alice", "expect": "allow" },
    { "name": "nobody deletes", "method": "DELETE", "path": "/orders/7", "caller": "alice", "expect": "deny",
      "rule": "(default)" } ] }

caller is a token of the config's local.callers, or a caller in the same form; without one it is anonymous. sourceIp, time
(an instant in UTC) and headers may be told too. rule is the rule that should decide, where that matters.

Exit codes:
  0  the policy says what is expected
  1  it says something else
  2  could not be tested: the config or the file is wrong

Examples:
  $ audit-proxy policy test policy.test.json
  $ audit-proxy policy test policy.test.json --config audit-proxy.json --format json`;

interface Options {
  readonly config: string;
  readonly format: 'table' | 'json';
}

export function policyCommand(): Command {
  const test = new Command('test')
    .description("ask the config's policy about requests, before it is deployed")
    .argument('<file>', 'requests and what is expected of them (JSON)')
    .option('--config <file>', 'the config with the policy', 'audit-proxy.json')
    .addOption(
      new Option('--format <format>', 'table to read, or json (one object)')
        .choices(['table', 'json'])
        .default('table'),
    )
    .addHelpText('after', HELP)
    .action(run);
  return new Command('policy').description('what may pass: test rules or Cedar policies').addCommand(test);
}

async function run(file: string, { config, format }: Options): Promise<void> {
  const [{ loadConfig }, { readExamples }, { testPolicy }] = await Promise.all([
    import('../config/load-config'),
    import('../policy/examples'),
    import('../policy/run-test'),
  ]);
  const report = testPolicy(loadConfig(config), readExamples(file), Date.now());
  const failed = report.results.filter(({ passed }) => !passed).length;
  if (format === 'json') process.stdout.write(`${JSON.stringify({ passed: failed === 0, ...report }, null, 2)}\n`);
  else {
    const { render } = await import('./output/format');
    const columns = ['request', 'read as', 'name', 'expected', 'decision', 'rule', 'result'];
    const rows = report.results.map(({ request, readings, name, expected, decision, rule, passed }) => [request, readings.join(' or '), name, expected, decision, rule, passed ? 'ok' : 'WRONG']); // prettier-ignore
    process.stdout.write(render({ columns, rows }, 'table'));
    for (const { request, ambiguity } of report.results) {
      if (ambiguity !== undefined) process.stdout.write(`${request}: refused with 400, since ${ambiguity}\n`);
    }
    process.stdout.write(`${report.results.length} requests, ${failed} wrong, policy ${report.version}\n`);
  }
  if (failed > 0) process.exitCode = 1;
}
