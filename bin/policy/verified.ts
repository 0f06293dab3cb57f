import type { Verified } from '../../lib/identity/caller';
import type { LocalCaller } from '../config/config';

/** What API Gateway would have verified of a caller of the config. */
export function verifiedOf({ claims, iam, lambda, certificate, apiKeyId }: LocalCaller): Verified {
  return {
    claims,
    iam: iam && {
      userArn: iam.userArn,
      accountId: iam.accountId,
      accessKeyId: iam.accessKey,
      organizationId: iam.principalOrgId,
    },
    lambda,
    certificate: certificate && {
      subjectDN: certificate.subject,
      issuerDN: certificate.issuer,
      serialNumber: certificate.serial,
    },
    apiKeyId,
  };
}
