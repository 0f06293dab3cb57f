import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as s3 from 'aws-cdk-lib/aws-s3';

/** Which clients a domain takes by their certificates (mutual TLS). */
export interface MutualTlsProps {
  /** Bucket with the certificates of the authorities that may sign clients' certificates. */
  readonly truststore: s3.IBucket;

  /** Key of the PEM file in that bucket. */
  readonly key: string;

  /**
   * Version of that file.
   *
   * @default - the newest at each deployment; API Gateway does not see by itself that the file has changed
   */
  readonly version?: string;
}

/** A domain of yours in front of the API, TLS 1.2 or later. */
export interface CustomDomainProps {
  /** E.g. `api.example.com`. Make an alias record in DNS to `AccessProxy.domainAliasTarget`. */
  readonly domainName: string;

  /** Its certificate, in the region of the API. */
  readonly certificate: acm.ICertificate;

  /**
   * Whose certificates it asks for. Subject, issuer and serial number stand in the events.
   *
   * The address that API Gateway gave the API takes no requests then: there nobody would be asked.
   *
   * @default - no client needs a certificate
   */
  readonly mutualTls?: MutualTlsProps;
}
