// Keys of all parties, a store and a running wefee for one test file. The names are ours; the keys are made anew.
import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const program = process.env.WEFEE_BIN ?? join(root, 'build/release/wefee');
/** Without our own settings: wefee reads WEFEE_* as configuration. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WEFEE_')));
const seedProgram = process.env.WEFEE_SEED ?? join(root, 'build/release/tests/bench/seed/wefee-seed');

export const us = {
  mchid: '1900009191',
  appid: 'wxinterop00000001',
  merchantSerial: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
  publicKeyId: 'PUB_KEY_ID_0119000091912026010100000000000002',
  planId: '12535',
  alipayAppId: '2021000000000001',
  sellerId: '2088000000000001',
  suiteId: 'wwinteropsuite0001',
  providerCorpId: 'wwinteropprovider1',
};

function rsaKey() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    private: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    public: publicKey.export({ type: 'spki', format: 'pem' }),
  };
}

/** `count` random letters and digits. */
export const letters = (count) => randomBytes(count * 2).toString('base64').replace(/[^A-Za-z0-9]/g, '').slice(0, count);

/** Private keys of both sides: the tests play the providers. */
export function makeKeys() {
  return {
    wechat: rsaKey(),
    merchant: rsaKey(),
    alipay: rsaKey(),
    application: rsaKey(),
    apiV3: letters(32),
    apiV2: letters(32),
    suiteSecret: letters(43),
    token: letters(24),
    aesKey: `${letters(42)}A`,
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)); });
  });
}

/**
 * A folder with keys, configuration and an empty store. `provider`: where wefee calls all three providers;
 * `now`: RFC 3339, pins wefee's clock.
 */
export async function makeWorld({ provider = 'http://127.0.0.1:9', now } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'wefee-interop-'));
  const keys = makeKeys();
  const port = await freePort();
  const file = (name, text) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const config = file('wefee.toml', `environment = "test"
public_url = "http://127.0.0.1:${port}"

[listen]
address = "127.0.0.1:${port}"

[store]
url = "sqlite://${folder}/wefee.db"

${now ? `[test]\nclock = "manual"\nnow = "${now}"\n` : ''}
[wechatpay]
base_url = "${provider}"
mchid = "${us.mchid}"
appid = "${us.appid}"
merchant_serial = "${us.merchantSerial}"
merchant_private_key_file = "${file('merchant.pem', keys.merchant.private)}"
api_v3_key_file = "${file('api_v3', keys.apiV3)}"
api_v2_key_file = "${file('api_v2', keys.apiV2)}"
public_key_id = "${us.publicKeyId}"
public_key_file = "${file('wechat_public.pem', keys.wechat.public)}"
plan_id = "${us.planId}"
deduct_mode = 2

[alipay]
gateway_url = "${provider}/gateway.do"
app_id = "${us.alipayAppId}"
seller_id = "${us.sellerId}"
app_private_key_file = "${file('application.pem', keys.application.private)}"
alipay_public_key_file = "${file('alipay_public.pem', keys.alipay.public)}"

[wecom]
base_url = "${provider}"
suite_id = "${us.suiteId}"
suite_secret_file = "${file('suite_secret', keys.suiteSecret)}"
provider_corp_id = "${us.providerCorpId}"
token_file = "${file('token', keys.token)}"
encoding_aes_key_file = "${file('aes_key', keys.aesKey)}"
`);
  return { folder, keys, port, config, now, store: `sqlite://${folder}/wefee.db`, database: join(folder, 'wefee.db'),
    remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

/** Runs `wefee serve` on that world until stop(). */
export async function serve(world) {
  execFileSync(program, ['migrate', '--config', world.config], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const child = spawn(program, ['serve', '--config', world.config], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { output += data; });
  const ended = once(child, 'exit');
  const killAtExit = () => child.kill('SIGKILL');
  process.on('exit', killAtExit);
  for (const limit = Date.now() + 20_000; !(await answers(world.port)); await delay(50))
    if (child.exitCode !== null || Date.now() > limit) throw new Error(`wefee did not come up:\n${output}`);
  return {
    url: `http://127.0.0.1:${world.port}`,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      const [code] = await ended;
      process.off('exit', killAtExit);
      if (code !== 0) throw new Error(`wefee ended with ${code}:\n${output}`);
    },
  };
}

/** Rows of the store as arrays of texts; read beside the running server. */
export function query(world, sql) {
  const text = execFileSync('sqlite3', ['-batch', '-noheader', '-separator', '\t', '-cmd', '.timeout 5000',
    world.database, sql], { encoding: 'utf8' });
  return text.split('\n').filter(Boolean).map((line) => line.split('\t'));
}

export const inboxCount = (world) => Number(query(world, 'SELECT COUNT(*) FROM inbox')[0][0]);

/** Orders [{ provider, outTradeNo, fen, payer }] of one tenant each provider; `stage` as wefee-seed has it. */
export function seed(world, stage, orders) {
  const file = join(world.folder, 'orders.csv');
  const rows = orders.map((order) => [order.provider, order.provider === 'alipay' ? us.sellerId : us.mchid,
    order.outTradeNo, order.fen, '', order.payer].join(','));
  writeFileSync(file, `provider,mchid,out_trade_no,amount_fen,transaction_id,payer\n${rows.join('\n')}\n`);
  execFileSync(seedProgram, ['--store', world.store, '--orders', file, '--stage', stage, '--suite-id', us.suiteId,
    ...(world.now ? ['--now', world.now] : [])], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Reads until `sql` gives `expected` in its first cell. */
export async function settles(world, sql, expected, seconds = 20) {
  for (const limit = Date.now() + seconds * 1000; ; await delay(50)) {
    const found = query(world, sql)[0]?.[0];
    if (found === expected) return;
    if (Date.now() > limit) throw new Error(`${sql} gave ${found} instead of ${expected}`);
  }
}

/**
 * One request on a connection of its own (the tests block their loop while they make keys and read the store, and
 * would meet kept connections that have gone idle meanwhile). Resolves to { status, body }.
 */
function send(method, url, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, body: Buffer.concat(chunks).toString('utf8') }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

export const get = (url) => send('GET', url, {});

/** POSTs raw bytes. */
export const post = (url, body, headers = {}) =>
  send('POST', url, { ...headers, 'Content-Length': Buffer.byteLength(body) }, body);
