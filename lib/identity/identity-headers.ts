/** Headers of one product or family in which a service could be told who called. */
export interface IdentityHeaders {
  /** Who sets them, or believes them. */
  readonly of: string;
  /**
   * Names in lower case, with `-` for `_` and `.`; with `*` at the end, every name that begins like it.
   */
  readonly names: readonly string[];
}

/**
 * Headers in which gateways, proxies and frameworks tell a service who called. From a caller they are a claim that
 * nobody checked, which a service that was once behind one of these would believe. docs/identity.md has the same table.
 */
export const IDENTITY_HEADERS: readonly IdentityHeaders[] = [
  { of: 'This proxy', names: ['x-audit-*'] },
  { of: 'Web servers, CGI', names: ['remote-user', 'remote-name', 'remote-email', 'remote-group', 'remote-groups', 'remote-ident', 'remote-addr', 'remote-host', 'remote-extra-*', 'auth-user', 'auth-type', 'logon-user', 'http-remote-user'] },
  { of: 'Kubernetes, Authelia, Grafana', names: ['x-remote-*', 'impersonate-*', 'x-webauth-*', 'x-grafana-user', 'x-grafana-id'] },
  { of: 'oauth2-proxy, Vouch, authentik, Pomerium, Traefik', names: ['x-auth-request-*', 'x-vouch-*', 'x-authentik-*', 'x-pomerium-*', 'x-token-*', 'x-forwarded-user', 'x-forwarded-email', 'x-forwarded-groups', 'x-forwarded-preferred-username', 'x-forwarded-access-token'] },
  { of: 'mod_auth_openidc, Shibboleth, SAML', names: ['oidc-*', 'shib-*', 'mellon-*', 'saml-*', 'eppn', 'persistent-id', 'x-shib-*', 'ajp-*'] },
  { of: 'CA SiteMinder, IBM Security Access Manager, Oracle', names: ['sm-*', 'smuser', 'iv-user', 'iv-user-l', 'iv-groups', 'iv-creds', 'iv-remote-address', 'oam-*', 'osso-*', 'proxy-remote-user'] },
  { of: 'Kong', names: ['x-consumer-*', 'x-credential-*', 'x-anonymous-consumer', 'x-userinfo', 'x-id-token'] },
  { of: 'Envoy, Istio', names: ['x-envoy-*', 'x-jwt-payload'] },
  { of: 'WSO2', names: ['x-jwt-assertion', 'x-wso2-*'] },
  { of: 'Hasura', names: ['x-hasura-role', 'x-hasura-user-id', 'x-hasura-org-id', 'x-hasura-tenant-id', 'x-hasura-allowed-roles', 'x-hasura-default-role'] },
  { of: 'AWS', names: ['x-amzn-oidc-*', 'x-amzn-mtls-*', 'x-amzn-tls-*', 'x-amzn-request-context', 'x-amzn-lambda-context', 'x-amzn-lattice-*'] },
  { of: 'Google', names: ['x-goog-authenticated-user-*', 'x-goog-iap-*', 'x-goog-iam-*', 'x-apigateway-api-userinfo', 'x-endpoint-api-userinfo', 'x-serverless-authorization', 'x-appengine-*'] },
  { of: 'Azure', names: ['x-ms-client-principal*', 'x-ms-token-*', 'x-arr-clientcert', 'x-azure-clientip', 'x-azure-socketip'] },
  { of: 'Cloudflare, Fastly, Akamai, Fly', names: ['cf-access-*', 'cf-client-cert-*', 'cf-connecting-*', 'cf-pseudo-ipv4', 'fastly-client*', 'akamai-client-ip', 'fly-client-ip', 'true-client-ip'] },
  { of: 'Tailscale, Teleport', names: ['tailscale-user-*', 'tailscale-app-*', 'x-teleport-*', 'teleport-jwt-assertion'] },
  { of: 'Next.js', names: ['x-middleware-subrequest*', 'x-middleware-request-*', 'x-middleware-override-headers'] },
  { of: 'Client certificates (RFC 9440 and before)', names: ['client-cert', 'client-cert-chain', 'x-client-cert*', 'x-ssl-*', 'ssl-client-*', 'x-forwarded-client-cert', 'x-forwarded-tls-client-cert*', 'x-tls-*'] },
  { of: 'Addresses of clients', names: ['forwarded', 'x-forwarded-*', 'x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'x-originating-ip', 'x-remote-ip', 'client-ip'] },
  { of: 'By custom', names: ['x-auth-user', 'x-auth-user-*', 'x-auth-email', 'x-auth-groups', 'x-auth-roles', 'x-auth-username', 'x-authenticated-*', 'x-user', 'x-username', 'x-user-id', 'x-user-name', 'x-user-email', 'x-user-role', 'x-user-roles', 'x-user-groups', 'x-user-claims', 'x-userid', 'x-role', 'x-roles', 'x-groups', 'x-subject', 'x-principal', 'x-principal-id', 'x-identity', 'x-impersonate-*'] },
]; // prettier-ignore

/** What a route may name besides: a header, or with `*` at the end all that begin like it. */
const STRIPPED = /^[A-Za-z0-9!#$%&'+.^_`|~-]{1,100}\*?$/;

/** @returns what is wrong with a name, if anything is */
export function strippedHeaderProblem(name: string): string | undefined {
  if (STRIPPED.test(name)) return undefined;
  return `must be the name of a header, or the beginning of one and "*", like "X-Tenant" or "X-Corp-*"; got ${JSON.stringify(name)}`;
}

/** How names are compared: CGI, WSGI and Rack servers make one variable of `X-User.Id`, `X-User-Id` and `x_user_id`. */
export function comparedName(header: string): string {
  return header.toLowerCase().replace(/[^a-z0-9]/g, '-');
}

/** A test for headers by which a caller could pass for somebody else. @param more what a route names besides */
export function identityHeaderTest(more: readonly string[] = []): (header: string) => boolean {
  const names = new Set<string>();
  const prefixes: string[] = [];
  for (const name of [...IDENTITY_HEADERS.flatMap((entry) => entry.names), ...more]) {
    if (name.endsWith('*')) prefixes.push(comparedName(name.slice(0, -1)));
    else names.add(comparedName(name));
  }
  return (header) => {
    const name = comparedName(header);
    return names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
  };
}
