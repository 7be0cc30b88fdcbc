// A private MariaDB: its own data, socket and process; durable at each commit, as the product demands.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, runOrThrow, start, stop } from './processes.mjs';

export const durability = ['--innodb-flush-log-at-trx-commit=1', '--skip-log-bin'];

/** `folder` holds the data and is made anew. Resolves to { pid, socket, query, stop }. */
export async function startMariadb(folder) {
  rmSync(folder, { recursive: true, force: true });
  const sockets = mkdtempSync(join(tmpdir(), 'wefee-'));  // a socket's path may have 107 bytes
  const socket = join(sockets, 's');
  const user = process.getuid() === 0 ? ['--user=root'] : [];
  await runOrThrow('mariadb-install-db',
    ['--no-defaults', `--datadir=${folder}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...user]);
  const client = ['--no-defaults', '-u', 'root', `--socket=${socket}`, '--batch', '--skip-column-names'];
  const server = await start('mariadbd',
    ['--no-defaults', `--datadir=${folder}`, `--socket=${socket}`, '--skip-networking',
      `--pid-file=${join(sockets, 'p')}`, '--innodb-buffer-pool-size=512M', '--innodb-log-file-size=256M',
      ...durability, ...user],
    { ready: async () => (await run('mariadb', [...client, '-e', 'SELECT 1'])).code === 0 });
  return {
    pid: server.pid,
    socket,
    query: (sql, database = '') => runOrThrow('mariadb', database ? [...client, database] : client, { input: sql }),
    stop: async () => {
      await stop(server, 60);
      rmSync(sockets, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
