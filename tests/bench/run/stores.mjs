// A fresh database for each run of a server, and the questions that are asked of it afterwards.
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { runOrThrow } from './processes.mjs';

/** What one flush of this disk takes, in ms: every durable answer waits for one, so it bounds a closed loop. */
export function flushTimes(folder) {
  const path = join(folder, 'flush');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 300 }, (_, i) => {
    const start = performance.now();
    writeSync(file, block, 0, block.length, i * block.length);
    fdatasyncSync(file);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  closeSync(file);
  rmSync(path);
  return { p50: Number(times[150].toFixed(2)), p99: Number(times[297].toFixed(2)) };
}

/** MariaDB: one database of that name in the private server. */
export async function freshMariadb(mariadb, name) {
  await mariadb.query(`DROP DATABASE IF EXISTS ${name}; CREATE DATABASE ${name}
    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;`);
  return {
    engine: 'mariadb',
    name,
    socket: mariadb.socket,
    url: `mysql://root@/${name}?socket=${mariadb.socket}`,
    pids: [mariadb.pid],
    query: (sql) => mariadb.query(sql, name),
    /** As a database that grew over months would know itself: without it the books' checks are planned for empty tables. */
    analyze: () => mariadb.query('ANALYZE TABLE invoice, charge, attempt, consent, invoice_line, audit, ledger, outbox, inbox;', name),
    drop: () => mariadb.query(`DROP DATABASE ${name}`),
  };
}

/** SQLite: one file; the server's own process does its work, so there is no other pid. */
export function freshSqlite(folder, name) {
  const file = join(folder, `${name}.db`);
  const remove = () => { for (const end of ['', '-wal', '-shm', '-lock', '.lock']) rmSync(file + end, { force: true }); };
  remove();
  return {
    engine: 'sqlite',
    name,
    file,
    url: `sqlite://${file}`,
    pids: [],
    query: (sql) => runOrThrow('sqlite3', ['-batch', '-noheader', '-separator', '\t', '-cmd', '.timeout 5000', file],
      { input: sql }),
    analyze: async () => {},
    drop: async () => remove(),
  };
}

/** The two plain tables of the ceiling and Node.js servers, filled with the orders that are due. */
export async function fillPlain(store, ordersFile, schemaFile) {
  const rows = readFileSync(ordersFile, 'utf8').trim().split('\n').slice(1).map((line) => line.split(','));
  const schema = store.engine === 'mariadb' ? readFileSync(schemaFile, 'utf8') : '';  // SQLite: made by the server
  let sql = `${schema}\nBEGIN;\n`;
  for (let i = 0; i < rows.length; i += 500) {
    const values = rows.slice(i, i + 500).map(([, , number, fen]) => `('${number}',${fen},'DUE',NULL,NULL)`);
    sql += `INSERT INTO charge (out_trade_no, amount_fen, state, transaction_id, paid_at) VALUES\n${values.join(',')};\n`;
  }
  await store.query(`${sql}COMMIT;\n`);
}

async function numbers(store, sql) {
  const row = (await store.query(sql)).trim().split('\t').map(Number);
  if (row.some(Number.isNaN)) throw new Error(`not numbers: ${sql}`);
  return row;
}

/** What a plain store holds; `trace` changes with every write that a repeat could make. */
export async function plainCounts(store) {
  const [inbox, settled, ...trace] = await numbers(store, `SELECT
    (SELECT COUNT(*) FROM inbox), (SELECT COUNT(*) FROM charge WHERE state='PAID'),
    (SELECT COALESCE(MAX(received_at),0) FROM inbox), (SELECT COALESCE(MAX(paid_at),0) FROM charge);`);
  return { inbox, settled, trace: trace.join(' ') };
}

/** The same of the product's store; `trace` counts its books. */
export async function productCounts(store) {
  const [inbox, settled, processed, ...trace] = await numbers(store, `SELECT
    (SELECT COUNT(*) FROM inbox), (SELECT COUNT(*) FROM charge WHERE state='COLLECTED'),
    (SELECT COUNT(*) FROM inbox WHERE processed_at IS NOT NULL),
    (SELECT COUNT(*) FROM audit), (SELECT COUNT(*) FROM ledger), (SELECT COUNT(*) FROM outbox),
    (SELECT COALESCE(SUM(paid_fen),0) FROM invoice);`);
  return { inbox, settled, processed, trace: trace.join(' ') };
}

/** Notifications that are not settled yet: one look into an index, asked while the server works. */
export async function waiting(store) {
  const [count] = await numbers(store, 'SELECT COUNT(*) FROM inbox WHERE processed_at IS NULL;');
  return count;
}

/** Milliseconds from the first received notification to the last collected charge, by the product's own stamps. */
export async function settledMillis(store) {
  const [first, last] = await numbers(store, `SELECT (SELECT MIN(received_at) FROM inbox),
    (SELECT MAX(at) FROM audit WHERE entity='charge' AND to_state='COLLECTED');`);
  return last - first;
}
