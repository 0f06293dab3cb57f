/** What parameters, members and fields that hold secrets are called. */

/** A name in which one of these stands anywhere, once case, diacritics and punctuation are gone, is a secret's. */
const SECRET_PARTS = [
  'token', 'secret', 'passw', 'pwd', 'passphrase', 'passcode', 'apikey', 'accesskey', 'privatekey', 'authkey', 'masterkey',
  'sharedkey', 'signingkey', 'encryptionkey', 'licensekey', 'licencekey', 'authcode', 'accesscode', 'securitycode',
  'verificationcode', 'recoverycode', 'backupcode', 'onetimecode', 'smscode', 'resetcode', 'invitecode', 'otpcode',
  'credential', 'authorization', 'basicauth', 'proxyauth', 'signature', 'assertion', 'session', 'cookie', 'jwt', 'csrf',
  'xsrf', 'samlre', 'verifier', 'hmac', 'creditcard', 'cardnumber', 'mnemonic', 'seedphrase', 'recoveryphrase',
  'connectionstring', 'connstring', 'connstr', 'connectionuri', 'connectionurl', 'databaseurl', 'databaseuri', 'jdbcurl',
  'redisurl', 'mongourl', 'mongouri', 'mongodburi', 'amqpurl', 'securityanswer', 'maidenname', 'socialsecurity',
  'hookurl', 'hookuri', 'magiclink', 'resetlink', 'invitelink',
  // German
  'kennwort', 'geheim', 'losungswort', 'zugangsdaten', 'anmeldedaten', 'zugangscode', 'zugriffscode', 'sicherheitscode',
  'freischaltcode', 'aktivierungscode', 'bestatigungscode', 'bestaetigungscode', 'apischlussel', 'apischluessel',
  'zugriffsschlussel', 'zugriffsschluessel', 'sicherheitsantwort',
  // French
  'motdepasse', 'motpasse', 'cleapi', 'cleprivee', 'cledacces', 'codeconfidentiel', 'reponsesecurite', 'reponsedesecurite',
  // Spanish
  'contrasen', 'credencia', 'frasesemilla', 'respuestaseguridad', 'respuestadeseguridad', 'codigoseguridad',
  'codigodeseguridad', 'codigoverificacion', 'codigodeverificacion',
  // Portuguese
  'palavrapasse', 'segredo', 'chaveapi', 'chaveacesso', 'chavedeacesso', 'chaveprivada', 'chavepix', 'novasenha', 'minhasenha', 'respostaseguranca', 'respostadeseguranca', 'codigodeseguranca',
  'codigoseguranca',
  // Dutch, Swedish
  'wachtwoord', 'losenord',
]; // prettier-ignore

/** Names of which any word is one of these: `sentry_dsn_url`, `senhaAtual`; not `resenha`, `enclave`. */
const SECRET_WORDS = new Set(['psk', 'dsn', 'senha', 'senhas', 'clave', 'claves', 'mdp', 'jeton', 'semilla']);

/** Names of which the last word is one of these: `code` is (OAuth), `codec` is not; `user[key]` is, `keyword` is not. */
const SECRET_LAST_WORDS = new Set([
  'auth', 'key', 'sig', 'code', 'pin', 'puk', 'nonce', 'sid', 'pass', 'pw', 'mac', 'bearer', 'sas', 'skoid', 'otp', 'totp',
  'hotp', 'mfa', '2fa', 'tfa', 'ticket', 'ssn', 'iban', 'cvv', 'cvv2', 'cvc', 'csc', 'seed', 'webhook', 'pem', 'schlussel',
  'schluessel', 'cle', 'codigo', 'chave',
]); // prettier-ignore

/** Codes that everybody knows. */
const PUBLIC_CODE = /(?:country|currency|language|lang|locale|zip|post|postal|area|region|status|error|product)code$/;
/** Spanish and Portuguese for `keyword`. */
const KEYWORD = /pala(?:b|v)ras?(?:clave|chave)s?$/;

/**
 * Names of several words, as people write them in front of a colon: `security answer: …`. Only what has to be told by more
 * than its last word.
 */
const PHRASE = /(?:motdepasse|securityanswer|connectionstring|seedphrase|recoveryphrase|recoverycodes?|backupcodes?|webhookurl|palavrapasse|cardnumber|databaseurl)$/; // prettier-ignore

/** Whether a parameter or field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  const latin = latinOf(name);
  const plain = latin.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (plain === '' || KEYWORD.test(plain)) return false;
  if (SECRET_PARTS.some((part) => plain.includes(part))) return true;
  const words = wordsOf(latin);
  if (words.some((word) => SECRET_WORDS.has(word))) return true;
  const isLast = SECRET_LAST_WORDS.has(plain) || SECRET_LAST_WORDS.has(words.at(-1) ?? '');
  return isLast && !PUBLIC_CODE.test(plain);
}

/** Whether some words end with a name of several words. */
export function endsWithSecretPhrase(words: string): boolean {
  return PHRASE.test(latinOf(words).toLowerCase().replace(/[^a-z0-9]/g, '')); // prettier-ignore
}

/** Without diacritics, and in the letters that compatibility forms (full width, ligatures) stand for. */
function latinOf(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return text.normalize('NFKD').replace(/\p{M}+/gu, '').replaceAll('ß', 'ss'); // prettier-ignore
}

/** `smsCode2`, `SMSCode`, `sms[code][]` and `sms-code_2` are `sms` and `code`. */
function wordsOf(latin: string): string[] {
  return latin
    .replace(/([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$2 ')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => (SECRET_LAST_WORDS.has(word) ? word : word.replace(/\d+$/, '')))
    .filter((word) => word !== '');
}
