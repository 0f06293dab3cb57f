import { describe, expect, it } from 'vitest';
import { redactText } from '../../../lib/event/privacy/hidden-secrets';
import { isSecretName } from '../../../lib/event/privacy/secret-names';
import { hasSecretShape, looksSecret } from '../../../lib/event/privacy/secrets';

describe('names of secrets', () => {
  it.each([
    'token', 'access_token', 'accessToken', 'id-token', 'X-Amz-Security-Token', 'refresh.token', 'password', 'passwd', 'pwd',
    'PASSWORD', 'new_password', 'userPassword', 'passphrase', 'passcode', 'secret', 'client_secret', 'clientSecret',
    'api_key', 'apikey', 'API-KEY', 'x-api-key', 'accessKeyId', 'private_key', 'key', 'user[key]', 'sshKey', 'code',
    'oauth.code', 'authCode', 'smsCode', 'verification_code', 'auth', 'x-auth', 'sig', 'X-Amz-Signature', 'X-Amz-Credential',
    'signature', 'jwt', 'session', 'sessionId', 'JSESSIONID', 'PHPSESSID[session]', 'sid', 'connect.sid', 'cookie', 'otp',
    'userOTP', 'totp', 'pin', 'cardPin', 'nonce', 'code_verifier', 'SAMLResponse', 'SAMLRequest', 'client_assertion',
    'ticket', 'hmac', 'mac', 'csrf', '_csrf', 'xsrf-token', 'ssn', 'user_ssn', 'iban', 'cvv', 'cvc', 'creditCard',
    'psk', 'wifi_psk', 'preSharedKey', 'pre-shared-key', 'mnemonic', 'walletMnemonic', 'seed', 'wallet.seed', 'seed_phrase', 'dsn',
    'SENTRY_DSN', 'sentryDsnUrl', 'connection_string', 'ConnectionString', 'DATABASE_URL', 'security_answer', 'securityAnswer1',
    'mfa', 'mfaCode', 'userMFA', 'mfa_token', '2fa', 'webhook_url', 'slackWebhookUrl', 'SSHKey', 'key2', 'pin_2', 'masterkey',
    'passwort', 'Passwort_neu', 'neuesPasswort', 'kennwort', 'geheimnis', 'Schlüssel', 'api-schlüssel', 'sicherheitscode',
    'mot_de_passe', 'motDePasse', 'mot-de-passe', 'mdp', 'clé', 'cle_api', 'cléPrivée', 'jeton', 'code_secret', 'réponse_sécurité',
    'contraseña', 'contrasen\u0303a', 'contrasena', 'CONTRASEÑA', 'nueva.contraseña', 'usuario[contraseña]', 'clave', 'claveActual',
    'clave_secreta', 'código', 'código_seguridad', 'respuesta_seguridad', 'frase-semilla', 'credencial',
    'senha', 'senhaAtual', 'nova_senha', 'palavra-passe', 'palavraPasse', 'segredo', 'chave', 'chave_api', 'código_segurança',
    'ｐａｓｓｗｏｒｄ', 'pass\u200bword', 'card_number', 'pass', 'bearer', 'authorization', 'credentials', 'token[]', '__proto__[token]',
  ])('%s', (name) => {
    expect(isSecretName(name)).toBe(true);
  }); // prettier-ignore

  it.each([
    '', 'q', 'id', 'page', 'limit', 'offset', 'cursor', 'sort', 'filter', 'name', 'className', 'businessName', 'processName',
    'hotProducts', 'notPaid', 'codec', 'encode', 'countryCode', 'country_code', 'zipCode', 'currencyCode', 'statusCode',
    'lang', 'keyword', 'keywords', 'monkey', 'author', 'authors', 'shipping', 'opinion', 'signed', 'design', 'machine',
    'seeds', 'seedling', 'linseed', 'enclave', 'conclave', 'clavel', 'palabra_clave', 'palavraChave', 'resenha', 'desenhar',
    'answer', 'question', 'security_question', 'connection', 'connectionType', 'string', 'passenger', 'passengers', 'passage',
    'webhookId', 'webhook_events', 'mfaEnabled', 'url', 'codigoPostal', 'código_postal', 'códigos', 'cleaner', 'clearance', 'chaveiro',
    'wort', 'antwort', 'standort', 'mot', 'passe_partout', 'dsnap', 'ñ', 'größe', 'straße', 'clé_usb', 'naïve', 'name2', 'address1',
    'state', 'scope', 'title', 'description', 'amount', 'currency', 'quantity', 'price', 'created_at', 'updatedAt', 'type', 'version',
    'compass', 'ticketId', 'from', 'to', 'date', 'size', 'user', 'email', 'toString', '__proto__', 'constructor',
  ])('not %j', (name) => {
    expect(isSecretName(name)).toBe(false);
  }); // prettier-ignore
});

const JWT =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';

describe('shapes of secrets', () => {
  it.each([
    ['a JSON Web Token', JWT],
    ['one within text', `see ${JWT} there`],
    ['one glued to text', `token${JWT}`],
    ['one without signature', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----'],
    ['an AWS access key id', 'AKIAIOSFODNN7EXAMPLE'],
    ['a temporary one', 'x ASIAIOSFODNN7EXAMPLE y'],
    ['an AWS secret access key', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    ['a GitHub token', 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'],
    ['a fine-grained one', 'github_pat_11ABCDEFG0abcdefghijkl'],
    ['a GitLab token', 'glpat-abcdefgh12345678'],
    ['a Slack token', 'xoxb-123456789012-abcdefghijkl'],
    ['a Stripe key', 'sk_live_abcdefgh12345678'],
    ['a Google API key', 'AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe'],
    ['a Google OAuth token', 'ya29.a0AfH6SMBx'],
    ['a SendGrid key', 'SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf'],
    ['a bearer token', 'Bearer abcdef'],
    ['basic credentials', 'basic dXNlcjpwYXNz'],
    ['a password in a URL', 'postgres://user:hunter2@db.internal/x'],
    ['an empty user in a URL', 'redis://:hunter2@cache'],
  ])('beyond doubt: %s', (_, value) => {
    expect(hasSecretShape(value)).toBe(true);
    expect(looksSecret(value)).toBe(true);
  });

  it.each([
    ['32 hex digits', '5f4dcc3b5aa765d61d8327deb882cf99'],
    ['64 hex digits', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['base64 of 20 characters', 'dGhpcyBpcyBhIHNlY3I1'],
    ['base64url', 'Xq-7_vB2mK9pL4wZ8nT1'],
    ['lower-case letters and digits', 'k3j9x2m5q8w1z7v4b6n0c3f5h8l2p9d1'],
    ['40 letters', 'QwErTyUiOpAsDfGhJkLzXcVbNmQwErTyUiOpAsDf'],
    ['a card number', '4111111111111111'],
    ['one in groups', '4111 1111 1111 1111'],
    ['one with dashes in text', 'card 5500-0000-0000-0004!'],
    ['American Express', '378282246310005'],
    ['MasterCard of the 2 series', '2223003122003222'],
  ])('by all odds: %s', (_, value) => {
    expect(looksSecret(value)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['a word', 'orders'],
    ['a number', '1234567890'],
    ['a UUID', '550e8400-e29b-41d4-a716-446655440000'],
    ['a UUID of digits', '40000000-1234-4567-8901-234567890123'],
    ['a UUID in a URN', 'urn:uuid:550e8400-e29b-41d4-a716-446655440000'],
    ['a date', '2026-11-24'],
    ['a time', '2026-11-24T07:30:00.000Z'],
    ['a time without punctuation', '20261124073000'],
    ['the same with milliseconds', '20261124073000123'],
    ['epoch seconds', '1764000000'],
    ['an object id', '507f1f77bcf86cd799439011'],
    ['a version', 'v1.2.3-beta.4'],
    ['a title', 'how-we-moved-2000-machines-in-2026-without-a-pause'],
    ['a file name', 'Annual_Report_2026_Final_Version_3.pdf'],
    ['an operation', 'listOrdersOfCustomer'],
    ['an e-mail address', 'alice.smith@example.com'],
    ['an address', '2001:db8:85a3::8a2e:370:7334'],
    ['a phone number', '+49 30 901820'],
    ['a media type', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['a browser', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'],
    ['languages', 'en-GB,en;q=0.9,de;q=0.8'],
    ['a host', 'abcdef1234.execute-api.eu-west-1.amazonaws.com'],
    ['a URL with a port', 'http://orders.internal:8080/x'],
  ])('not: %s', (_, value) => {
    expect(looksSecret(value)).toBe(false);
    expect(redactText(value)).toBe(value);
  }); // prettier-ignore

  it('not: epoch milliseconds, whatever their check digit', () => {
    for (let time = 1_764_000_000_000; time < 1_764_000_000_100; time += 1)
      expect(looksSecret(String(time))).toBe(false);
  });

  it('not: a card number with a wrong check digit, or of more digits', () => {
    expect(looksSecret('4111111111111112')).toBe(false);
    expect(looksSecret('41111111111111111111')).toBe(false);
  });
});

describe('texts that hold a secret', () => {
  it.each(['app/1.0 (apiKey=abc)', 'x; password: hunter2', '{"client_secret":"abc"}', "{'pin':1}", 'a=1&token=x'])(
    'are left out: %s',
    (text) => {
      expect(redactText(text)).toBe('[redacted]');
    },
  );

  it.each(['for=192.0.2.43;proto=https', 'a=1&b=2', '{"page":1}', 'rv:109.0', 'token', 'password reset'])(
    'or not: %s',
    (text) => {
      expect(redactText(text)).toBe(text);
    },
  );
});
