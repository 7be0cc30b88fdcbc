// The servers that are compared. Each can: prepare its store, start on a port, tell what it has stored.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, runOrThrow, start } from './processes.mjs';
import { fillPlain, freshMariadb, freshSqlite, plainCounts, productCounts } from './stores.mjs';

/** Raised for one address that sends everything; the defaults would rightly turn the load away. */
export const raisedLimits = {
  connections_per_address: 1024,
  requests_per_connection: 1000000,
  rate_callback: 1000000,
};

const freshStore = (context, engine, name) =>
  engine === 'mariadb' ? freshMariadb(context.mariadb, name) : freshSqlite(context.work, name);

export function ceiling(engine) {
  return {
    name: 'ceiling',
    engine,
    async prepare(context) {
      return freshStore(context, engine, 'bench_ceiling');
    },
    async start(context, store) {
      const target = engine === 'mariadb' ? ['--socket', store.socket, '--database', store.name]
        : ['--sqlite', store.file];
      if (engine === 'mariadb') await fillPlain(store, context.orders, context.schema);
      const port = await freePort();
      const server = await start(context.binaries.ceiling, ['--port', port, '--keys', context.keys, ...target], { port });
      if (engine === 'sqlite') await fillPlain(store, context.orders, context.schema);
      return { server, port };
    },
    counts: plainCounts,
  };
}

export function hello() {
  return {
    name: 'hello',
    engine: 'none',
    prepare: async () => ({ engine: 'none', pids: [], drop: async () => {} }),
    async start(context) {
      const port = await freePort();
      const server = await start(context.binaries.ceiling, ['--port', port, '--hello'], { port });
      return { server, port };
    },
  };
}

export function node() {
  return {
    name: 'node',
    engine: 'mariadb',
    async prepare(context) {
      const store = await freshStore(context, 'mariadb', 'bench_node');
      await fillPlain(store, context.orders, context.schema);
      return store;
    },
    async start(context, store) {
      const port = await freePort();
      const [, publicKeyId] = readFileSync(join(context.keys, 'wefee.toml'), 'utf8').match(/^public_key_id = "(.*)"$/m);
      const server = await start(process.execPath, [join(context.here, 'node/server.js')], {
        port,
        env: {
          PORT: String(port), KEYS: context.keys, DB_SOCKET: store.socket, DB_NAME: store.name, POOL: '16',
          PUBLIC_KEY_ID: publicKeyId, NODE_ENV: 'production',
        },
      });
      return { server, port };
    },
    counts: plainCounts,
  };
}

/**
 * The product. `settles`: with its workers, on a store that holds the invoices, charges and orders; otherwise the
 * receiving half alone (--roles http). `groupCommit` false measures what it is worth.
 */
export function wefee(engine, { settles = false, groupCommit = true, name = 'wefee' } = {}) {
  return {
    name,
    engine,
    settles,
    async prepare(context) {
      const store = await freshStore(context, engine, 'bench_wefee');
      const config = await writeConfig(context, store, groupCommit);
      if (settles) {
        await runOrThrow(context.binaries.seed, ['--store', store.url, '--orders', context.orders]);
        await store.analyze();
      } else await runOrThrow(context.binaries.wefee, ['migrate', '--config', config.file]);
      return { ...store, config };
    },
    async start(context, store) {
      const roles = settles ? [] : ['--roles', 'http'];
      const { file, port } = store.config;
      const server = await start(context.binaries.wefee, ['serve', '--config', file, ...roles], { port });
      return { server, port };
    },
    counts: productCounts,
    verify: (context, store) => runOrThrow(context.binaries.wefee, ['verify', '--config', store.config.file]),
  };
}

async function writeConfig(context, store, groupCommit) {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const file = join(context.work, 'wefee.toml');
  const loops = context.loops ? `loops = ${context.loops}\n` : '';
  const limits = Object.entries(raisedLimits).map(([key, value]) => `${key} = ${value}\n`).join('');
  mkdirSync(context.work, { recursive: true });
  writeFileSync(file, `environment = "test"
public_url = "http://127.0.0.1:${port}"

[listen]
address = "127.0.0.1:${port}"
metrics_address = "127.0.0.1:${metricsPort}"
${loops}
[store]
url = "${store.url}"
group_commit = ${groupCommit}

[limits]
${limits}
${readFileSync(join(context.keys, 'wefee.toml'), 'utf8')}`);
  return { file, port };
}
