/** Name of the bucket that the trail's folder stands for, in requests to S3. */
export const TRAIL_BUCKET = 'local-trail';
