import { FileSystem } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import fs from 'node:fs';
import path from 'node:path';

/** The code in a folder with one more file beside it. The folder itself stays as it is. */
export function codeWithFile(folder: string, name: string, text: string): lambda.Code {
  const copy = FileSystem.mkdtemp('audit-proxy-function-');
  fs.cpSync(folder, copy, { recursive: true });
  fs.writeFileSync(path.join(copy, name), text);
  return lambda.Code.fromAsset(copy);
}
