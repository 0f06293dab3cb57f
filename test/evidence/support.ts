import type { SealedEvent } from '../../lib/event/chain';
import { Chain } from '../../lib/event/chain';
import type { NoteSigner } from '../../lib/ledger';
import { newSigner } from '../ledger/evidence/support';
import { sealClosing, sealRequest } from '../support/sample-events';
import { emptyTrail, writeFallback, writeObject } from '../support/sample-trail';
import { TrailSealer } from '../support/sealed-trail';

export const LOG = 'audit.example.com/orders';

export const at = (hour: number) => Date.UTC(2026, 10, 24, hour);

/**
 * A trail in a folder: two objects of Parquet and one of the fallback, sealed as leaves 300 to 302 of 306; one more object
 * of Parquet is not sealed yet.
 */
export class SealedTrail {
  readonly signer: NoteSigner = newSigner(LOG);
  readonly sealer: TrailSealer;
  readonly first: readonly SealedEvent[];
  readonly second: readonly SealedEvent[];
  readonly fallback: readonly SealedEvent[];
  readonly unsealed: readonly SealedEvent[];
  readonly keys = { first: '', second: '', fallback: '', unsealed: '' };

  private constructor(readonly dir: string) {
    const chain = new Chain('chain');
    this.first = [0, 1, 2].flatMap((i) => sealRequest(chain, { time: at(7), path: `/orders/${i}` }));
    this.second = sealRequest(chain, { time: at(8), who: 'bob', method: 'DELETE', status: 404 });
    this.fallback = [...sealRequest(chain, { time: at(9) }), sealClosing(chain, at(9))];
    this.unsealed = sealRequest(new Chain('other'), { time: at(10) });
    this.sealer = new TrailSealer(dir, this.signer);
  }

  static async create(): Promise<SealedTrail> {
    const trail = new SealedTrail(await emptyTrail());
    const { keys, sealer, first, second, fallback, unsealed } = trail;
    keys.first = await trail.write('first', first);
    keys.second = await trail.write('second', second);
    keys.fallback = await writeFallback(trail.dir, 'fallback', fallback);
    keys.unsealed = await trail.write('unsealed', unsealed);
    await sealer.fill(300);
    await sealer.seal({ [keys.first]: first, [keys.second]: second, [keys.fallback]: fallback });
    await sealer.fill(3);
    return trail;
  }

  /** Writes events as one object of Parquet. @returns its key */
  write(name: string, sealed: readonly SealedEvent[]): Promise<string> {
    const events = sealed.map(({ event }) => event);
    return writeObject(this.dir, name, events);
  }
}

/** Attempt and outcome of a request to which its caller gave an id. */
export function requestWithId(uid: string): SealedEvent[] {
  const chain = new Chain('chosen');
  const drafts = sealRequest(new Chain('drafts'), { time: at(12) });
  return drafts.map(({ event: { attestation_list: _, ...draft } }) =>
    chain.seal({ ...draft, api: { ...draft.api!, request: { uid } } }),
  );
}
