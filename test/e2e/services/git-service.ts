import { execFileSync, spawn } from 'node:child_process';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { startJournaled, type JournaledService } from './journal';

/** Whether there is a git with its smart HTTP backend. */
export function hasGit(): boolean {
  try {
    execFileSync('git', ['http-backend'], { stdio: 'ignore', env: { ...process.env, REQUEST_METHOD: 'GET' } });
    return true;
  } catch (error) {
    // Without a repository it says "500" and ends well or not; what counts is that it is there.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT' && /http-backend/.test(gitCommands());
  }
}

function gitCommands(): string {
  return execFileSync('git', ['--list-cmds=main'], { encoding: 'utf8' });
}

/**
 * An empty repository `tea.git` behind git's own CGI program.
 *
 * @see https://git-scm.com/docs/git-http-backend
 */
export async function startGitService(folder: string): Promise<JournaledService> {
  const repository = path.join(folder, 'tea.git');
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository]);
  execFileSync('git', ['-C', repository, 'config', 'http.receivepack', 'true']);
  return startJournaled((request, response) => {
    void buffer(request).then((body) => {
      const { pathname, search } = new URL(request.url ?? '', 'http://git');
      const backend = spawn('git', ['http-backend'], {
        env: {
          PATH: process.env['PATH'],
          GIT_PROJECT_ROOT: folder,
          GIT_HTTP_EXPORT_ALL: '1',
          REMOTE_USER: 'somebody',
          PATH_INFO: pathname,
          QUERY_STRING: search.slice(1),
          REQUEST_METHOD: request.method,
          CONTENT_TYPE: request.headers['content-type'] ?? '',
          CONTENT_LENGTH: String(body.length),
          HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
          HTTP_GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        },
      });
      backend.stdin.on('error', () => undefined);
      backend.stdin.end(body);
      void buffer(backend.stdout).then((output) => {
        const end = output.indexOf('\r\n\r\n');
        const lines = output.subarray(0, end).toString('latin1').split('\r\n').map((line) => line.split(': ')); // prettier-ignore
        const status = Number(lines.find(([name]) => name === 'Status')?.[1]?.slice(0, 3) ?? 200);
        const headers = lines.filter(([name]) => name !== 'Status').flatMap(([name = '', value = '']) => [name, value]);
        response.writeHead(status, headers).end(output.subarray(end + 4));
      });
    });
  });
}
