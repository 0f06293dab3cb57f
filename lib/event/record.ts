/**
 * Most bytes of one record of a delivery stream, before base64 (1,000 KiB).
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/limits.html
 */
export const MAX_RECORD_BYTES = 1_024_000;
