/**
 * Headers in which gateways and proxies tell a service who called. From a caller they are a lie: a service that was once
 * behind one of these would believe it. Names are in lower case, `-` for `_`.
 *
 * - `x-audit-*`: this proxy
 * - `remote-*`, `x-remote-*`, `x-webauth-*`, `x-authenticated-*`: web servers, Authelia, Grafana, Kubernetes
 * - `x-auth-request-*`, `x-vouch-*`, `x-authentik-*`, `x-pomerium-*`, `x-token-*`: oauth2-proxy, Vouch, authentik, Pomerium
 * - `x-userinfo`, `x-id-token`, `x-consumer-*`, `x-credential-*`, `x-anonymous-consumer`: Kong
 * - `x-apigateway-api-userinfo`, `x-goog-*`, `x-endpoint-api-userinfo`, `x-serverless-authorization`: Google
 * - `x-ms-client-principal*`, `x-ms-token-*`, `x-arr-clientcert`: Azure
 * - `x-amzn-oidc-*`, `x-amzn-mtls-*`, `x-amzn-tls-*`, `x-amzn-request-context`, `x-amzn-lambda-context`: AWS
 * - `cf-access-*`, `cf-client-cert-*`, `tailscale-user-*`, `x-teleport-*`: Cloudflare, Tailscale, Teleport
 * - `client-cert`, `client-cert-chain` (RFC 9440), `x-client-cert*`, `x-ssl-*`, `ssl-client-*`: client certificates
 */
export const IDENTITY_HEADER = new RegExp(
  '^(?:' +
    [
      'x-audit-.*',
      '(?:x-)?remote-(?:user|name|email|groups?|extra-.*)',
      'x-(?:webauth|authenticated|auth-request|vouch|authentik|pomerium|token|consumer|credential)-.*',
      'x-(?:userinfo|id-token|anonymous-consumer)',
      'x-(?:goog-(?:authenticated-user|iap)-.*|apigateway-api-userinfo|endpoint-api-userinfo|serverless-authorization)',
      'x-ms-(?:client-principal.*|token-.*)|x-arr-clientcert',
      'x-amzn-(?:oidc-.*|mtls-.*|tls-.*|request-context|lambda-context)',
      'cf-(?:access|client-cert)-.*|tailscale-user-.*|x-teleport-.*',
      'client-cert(?:-chain)?|x-client-cert.*|x-ssl-.*|ssl-client-.*',
    ].join('|') +
    ')$',
);
