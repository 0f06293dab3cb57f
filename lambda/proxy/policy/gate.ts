import type { Authorization } from '../../../lib/event/request-facts';
import { judge } from '../../../lib/policy/judge';
import { isEnforced, type Decision, type DryRun, type Policy } from '../../../lib/policy/policy';
import type { PathReadings } from '../../../lib/routing/path-readings';
import type { Route } from '../../../lib/routing/route';
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

  judge(request: IncomingRequest, route: Route, path: PathReadings): Judgement {
    const { allowed, rules, ambiguity } = this.decide(request, route, path);
    const enforced = isEnforced(this.dryRun, route.path);
    const authorizations = rules.map((name): Authorization => ({
      decision: allowed ? 'Allow' : 'Deny',
      policy: { name, version: this.policy.version, type: this.policy.kind, is_applied: enforced },
    }));
    if (allowed || !enforced) return { authorizations, problem: undefined };
    if (ambiguity !== undefined) return { authorizations, problem: new Problem('ambiguous_path', ambiguity) };
    return { authorizations, problem: new Problem(request.who.type === 'anonymous' ? 'unauthenticated' : 'forbidden') };
  }

  private decide(request: IncomingRequest, route: Route, path: PathReadings): Decision {
    const { method, who, source, time, headers } = request;
    try {
      return judge(this.policy, { method, caller: who, sourceIp: source.ip, time, headers }, route, path);
    } catch (error) {
      console.error(error);
      return { allowed: false, rules: [ERROR_RULE] };
    }
  }
}
