import type { Authorization } from '../../../lib/event/request-facts';
import { isEnforced, type Decision, type DryRun, type Policy } from '../../../lib/policy/policy';
import type { IncomingRequest } from '../incoming/incoming-request';
import { Problem } from '../problem';

/** What was decided about a request: for its event, and the problem with which it ends, if it does. */
export interface Judgement {
  readonly authorizations: readonly Authorization[];
  readonly problem: Problem | undefined;
}

/** Stands for a rule where deciding failed. */
const ERROR_RULE = '(error)';

/** Asks the policy. What it cannot decide is refused. */
export class Gate {
  constructor(
    private readonly policy: Policy,
    private readonly dryRun: DryRun,
  ) {}

  judge({ method, path, who, source, time, headers }: IncomingRequest, routePath: string): Judgement {
    const { allowed, rules } = this.decide({
      method,
      path,
      routePath,
      caller: who,
      sourceIp: source.ip,
      time,
      headers,
    });
    const enforced = isEnforced(this.dryRun, routePath);
    const authorizations = rules.map((name): Authorization => ({
      decision: allowed ? 'Allow' : 'Deny',
      policy: { name, version: this.policy.version, type: this.policy.kind, is_applied: enforced },
    }));
    if (allowed || !enforced) return { authorizations, problem: undefined };
    return { authorizations, problem: new Problem(who.type === 'anonymous' ? 'unauthenticated' : 'forbidden') };
  }

  private decide(request: Parameters<Policy['decide']>[0]): Decision {
    try {
      return this.policy.decide(request);
    } catch (error) {
      console.error(error);
      return { allowed: false, rules: [ERROR_RULE] };
    }
  }
}
