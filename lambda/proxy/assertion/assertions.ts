import { SignJWT } from 'jose/jwt/sign';
import { importJWK } from 'jose/key/import';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import { ASSERTION_ALGORITHM, ASSERTION_TYPE, type AssertionSettings } from '../../../lib/routing/assertion';
import { publishedKeys, type AssertionKey } from '../../../lib/routing/assertion-keys';
import type { Answer } from '../answer';
import { claimsOf, type Asserted } from './claims';
import { KeyRing } from './key-ring';

type SigningKey = Awaited<ReturnType<typeof importJWK>>;

/** How long a service may keep the key set, in seconds. A key is published for a whole rotation before it signs. */
const KEY_SET_MAX_AGE = 300;

/**
 * Tells the services who called, by a short-lived JWT that only the proxy can sign, so that a service needs to trust
 * neither headers nor the network.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7519
 * @see https://www.rfc-editor.org/rfc/rfc8725
 */
export class Assertions {
  private readonly ring: KeyRing;
  private imported: { readonly kid: string; readonly key: Promise<SigningKey> } | undefined;

  /** Reads the keys at once; if that fails, the first request tries again. */
  constructor(
    private readonly settings: AssertionSettings,
    read: (id: string) => Promise<string>,
    private readonly now: () => number = Date.now,
  ) {
    this.ring = new KeyRing(() => read(settings.keys));
    void this.ring.current().catch(() => undefined);
  }

  /**
   * The assertion for one call to one service.
   *
   * @throws Error if there are no keys
   */
  async sign(asserted: Asserted): Promise<string> {
    const [signing] = (await this.ring.current()).keys;
    const issuedAt = Math.floor(this.now() / 1000);
    return new SignJWT(claimsOf(asserted))
      .setProtectedHeader({ alg: ASSERTION_ALGORITHM, typ: ASSERTION_TYPE, kid: signing!.kid })
      .setIssuer(this.settings.issuer)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + this.settings.lifetimeSeconds)
      .sign(await this.importedKey(signing!));
  }

  /** The public keys, as an answer to whoever asks for them. @throws Error if there are no keys */
  async keySetAnswer(requestUid: string): Promise<Answer> {
    const body = Buffer.from(JSON.stringify(publishedKeys(await this.ring.current())) + '\n');
    const headers: HeaderPair[] = [
      ['content-type', 'application/jwk-set+json'],
      ['cache-control', `public, max-age=${KEY_SET_MAX_AGE}`],
      ['x-request-id', requestUid],
    ];
    return { statusCode: 200, headers, body };
  }

  private importedKey(key: AssertionKey): Promise<SigningKey> {
    if (this.imported?.kid !== key.kid) {
      const { kty, crv, x, d } = key;
      this.imported = { kid: key.kid, key: importJWK({ kty, crv, x, d }, ASSERTION_ALGORITHM) };
    }
    return this.imported.key;
  }
}
