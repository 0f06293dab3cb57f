import type http from 'node:http';
import type { Socket } from 'node:net';
import { accessLogFormat } from '../../../lib/edge-log/access-log-format';
import { ABSENT, type EdgeFieldName, type EdgeRecord } from '../../../lib/edge-log/record';
import type { GatewayResource } from '../../../lib/routing/gateway-resources';
import type { AccessLog } from './access-log';
import type { Refusal } from './api';
import type { RequestIds } from './client-request';
import { API_ID } from './surroundings';

/** What came of the call of the function. */
export interface Integration {
  /** Lambda's id of the invocation, where it gave one. */
  readonly requestId?: string;
  /** Status code with which Lambda answered the call; undefined while it has not. */
  readonly status?: number;
  readonly error?: string;
  /** Milliseconds. */
  readonly latency: number;
}

/** What the gateway answered. */
export interface EdgeAnswer {
  /** Undefined if the client left before there was one. */
  readonly status: number | undefined;
  readonly bodyLength: number;
  /** Undefined if it is the function's own answer. */
  readonly refusal?: Refusal | undefined;
}

/** The resource of an API that has no other. */
export const ROOT: GatewayResource = { path: '/', streaming: false };

/** What the edge log will say of one request; filled in while the gateway serves it. */
export class EdgeEntry {
  /** The path as it came, once it is known to be one. */
  path: string | undefined;
  /** The resource of the API that the path belongs to. */
  resource: GatewayResource = ROOT;
  /** Undefined while the function was not called. */
  integration: Integration | undefined;

  private constructor(
    private readonly log: AccessLog,
    readonly ids: RequestIds,
    /** When the request arrived, epoch milliseconds. */
    readonly time: number,
    private readonly arrived: { readonly method: string; readonly protocol: string; readonly sourceIp: string },
  ) {}

  get sourceIp(): string {
    return this.arrived.sourceIp;
  }

  static ofRequest(log: AccessLog, request: http.IncomingMessage, ids: RequestIds, time: number): EdgeEntry {
    return new EdgeEntry(log, ids, time, {
      method: request.method ?? ABSENT,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: sourceIpOf(request.socket),
    });
  }

  /** Of bytes that are no HTTP request. */
  static ofGarbage(log: AccessLog, socket: Socket, ids: RequestIds, time: number): EdgeEntry {
    return new EdgeEntry(log, ids, time, { method: ABSENT, protocol: ABSENT, sourceIp: sourceIpOf(socket) });
  }

  /**
   * The record, with the fields that this kind of API knows.
   *
   * @param now epoch milliseconds
   */
  record({ status, bodyLength, refusal }: EdgeAnswer, now: number): EdgeRecord {
    const { log, ids, arrived, integration } = this;
    const values: Partial<Record<EdgeFieldName, string | number | undefined>> = {
      request_id: ids.requestId,
      extended_request_id: ids.extendedRequestId,
      request_time_epoch: this.time,
      api_id: API_ID,
      stage: log.stage,
      source_ip: arrived.sourceIp,
      protocol: arrived.protocol,
      method: arrived.method,
      path: this.path === undefined ? undefined : log.path(this.path),
      resource:
        this.path === undefined || refusal === 'unsupported_method'
          ? undefined
          : log.resource(this.path, this.resource.path),
      status,
      response_length: bodyLength,
      response_latency: now - this.time,
      error_response_type: refusal === undefined ? undefined : log.errorTypes[refusal],
      integration_request_id: integration?.requestId,
      integration_status: integration?.status,
      function_status: refusal === undefined ? status : undefined,
      integration_latency: integration?.latency,
      integration_error: integration?.error,
    };
    const names = Object.keys(accessLogFormat(log.kind)) as EdgeFieldName[];
    return Object.fromEntries(names.map((name) => [name, String(values[name] ?? ABSENT)]));
  }
}

/** As an IPv4 address where it is one. */
function sourceIpOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}
