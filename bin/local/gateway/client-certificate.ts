import type { LocalCertificate } from '../../config/config';

interface ClientCertificate {
  readonly clientCertPem: string;
  readonly subjectDN: string;
  readonly issuerDN: string;
  readonly serialNumber: string;
  readonly validity: { readonly notBefore: string; readonly notAfter: string };
}

/** A client certificate as API Gateway tells of it. There is none behind it on one machine, and so no PEM. */
export function clientCertificate({ subject, issuer, serial }: LocalCertificate): ClientCertificate {
  return {
    clientCertPem: '',
    subjectDN: subject,
    issuerDN: issuer,
    serialNumber: serial,
    validity: { notBefore: 'Jan  1 00:00:00 2020 GMT', notAfter: 'Jan  1 00:00:00 2050 GMT' },
  };
}
