import type { RouteInput } from '../../lib/routing/route';

/** The guarantees, with what may follow when nothing could be recorded; each is the path of a route. */
export const GUARANTEES = ['before_forward', 'before_response', 'before_response_refuse', 'after_response'] as const;
export type GuaranteeName = (typeof GUARANTEES)[number];

/** A route for each guarantee, and one each whose service nobody answers for: `/before_forward`, `/down/before_forward` … */
export function guaranteeRoutes(service: string, down: string, timeoutMs: number): RouteInput[] {
  return GUARANTEES.flatMap((name) => {
    const { guarantee, onUnrecorded } = OPTIONS[name];
    const common = { service: name, timeoutMs, guarantee, onUnrecorded };
    return [
      { ...common, path: `/${name}`, upstream: service },
      { ...common, path: `/down/${name}`, upstream: down },
    ];
  });
}

const OPTIONS: Readonly<Record<GuaranteeName, Pick<RouteInput, 'guarantee' | 'onUnrecorded'>>> = {
  before_forward: { guarantee: 'BEFORE_FORWARD' },
  before_response: { guarantee: 'BEFORE_RESPONSE' },
  before_response_refuse: { guarantee: 'BEFORE_RESPONSE', onUnrecorded: 'refuse' },
  after_response: { guarantee: 'AFTER_RESPONSE' },
};
