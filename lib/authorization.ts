import type * as cognito from 'aws-cdk-lib/aws-cognito';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

/** How JSON Web Tokens are checked. */
export interface JwtAuthorizationProps {
  /** URL of the OpenID Connect issuer, as in the claim `iss`. */
  readonly issuer: string;

  /** Accepted values of the claim `aud`, or of `client_id` where there is no `aud`. At least one. */
  readonly audience: string[];
}

/**
 * Who may call an access proxy. API Gateway checks it before the function runs, and who was let in stands in the audit
 * event.
 */
export class Authorization {
  /** Requests signed with SigV4, by principals that may `execute-api:Invoke` (see `AccessProxy.grantInvoke`). */
  public static iam(): Authorization {
    return new Authorization(AuthorizationKind.IAM);
  }

  /**
   * Anybody may call, and audit events name nobody. Only by saying so.
   */
  public static none(): Authorization {
    return new Authorization(AuthorizationKind.NONE);
  }

  /**
   * Tokens of Amazon Cognito user pools. REST APIs only; on an HTTP API use `jwt` with the user pool as the issuer.
   */
  public static cognito(...userPools: cognito.IUserPool[]): Authorization {
    return new Authorization(AuthorizationKind.COGNITO, userPools);
  }

  /** JSON Web Tokens of an OpenID Connect issuer. HTTP APIs only. */
  public static jwt(props: JwtAuthorizationProps): Authorization {
    return new Authorization(AuthorizationKind.JWT, undefined, props);
  }

  /**
   * A function of yours that returns an IAM policy for the request. It gets the request in payload format 1.0 on either
   * kind of API; its answers are not cached, so that each request is decided on its own.
   */
  public static lambdaAuthorizer(authorizer: lambda.IFunction): Authorization {
    return new Authorization(AuthorizationKind.LAMBDA, undefined, undefined, authorizer);
  }

  private constructor(
    /** Which of the ways it is. */
    public readonly kind: AuthorizationKind,
    /** Only with `cognito`. */
    public readonly userPools?: cognito.IUserPool[],
    /** Only with `jwt`. */
    public readonly jwtProps?: JwtAuthorizationProps,
    /** Only with `lambda`. */
    public readonly authorizer?: lambda.IFunction,
  ) {}
}

/** The ways in which a caller can be authorized. */
export enum AuthorizationKind {
  /** SigV4 and IAM policies. */
  IAM = 'IAM',
  /** Anybody. */
  NONE = 'NONE',
  /** Amazon Cognito user pools. */
  COGNITO = 'COGNITO',
  /** JSON Web Tokens. */
  JWT = 'JWT',
  /** A Lambda authorizer. */
  LAMBDA = 'LAMBDA',
}
