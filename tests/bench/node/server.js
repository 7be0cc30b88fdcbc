// The Node.js baseline of scripts/bench: payment notifications received as the READMEs of fastify, wechatpay-node-v3,
// alipay-sdk and mysql2 show. For each: verify, decrypt, one inbox row and one paid charge in a transaction, answer.
// Settings come from the environment: PORT, KEYS (folder made by wefee-load gen), DB_SOCKET, DB_NAME, POOL.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlipaySdk } from 'alipay-sdk';
import Fastify from 'fastify';
import mysql from 'mysql2/promise';
import WxPay from 'wechatpay-node-v3';

const { PORT, KEYS, DB_SOCKET, DB_NAME, POOL = '16', PUBLIC_KEY_ID } = process.env;
const key = (name) => readFileSync(join(KEYS, name), 'utf8');

const apiV3Key = key('api_v3_key.txt');

const pay = new WxPay({
  appid: 'wxbench0000000001',
  mchid: '1900009191',
  serial_no: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
  publicKey: Buffer.from(key('merchant_public.pem')),
  privateKey: Buffer.from(key('merchant_private.pem')),
  key: apiV3Key,
});
// The library fills this table from /v3/certificates; a merchant in public-key mode puts the key there by hand.
WxPay.certificates[PUBLIC_KEY_ID] = key('wechat_public.pem');

const alipay = new AlipaySdk({
  appId: '2021000000000001',
  privateKey: key('application_private.pem'),
  keyType: 'PKCS8',
  alipayPublicKey: key('alipay_public.pem'),
});

const pool = mysql.createPool({
  socketPath: DB_SOCKET,
  user: 'root',
  database: DB_NAME,
  connectionLimit: Number(POOL),
});

/** One inbox row and one paid charge; a message that is there already changes nothing. */
async function record({ source, dedupKey, raw, outTradeNo, transactionId, amountFen }) {
  const connection = await pool.getConnection();
  try {
    await connection.beginTransaction();
    const [inserted] = await connection.execute(
      'INSERT IGNORE INTO inbox (source, dedup_key, raw, received_at) VALUES (?,?,?,?)',
      [source, dedupKey, raw, Date.now()],
    );
    if (inserted.affectedRows === 1) {
      await connection.execute(
        "UPDATE charge SET state='PAID', transaction_id=?, paid_at=? WHERE out_trade_no=? AND state='DUE' AND amount_fen=?",
        [transactionId, Date.now(), outTradeNo, amountFen],
      );
    }
    await connection.commit();
  } catch (error) {
    await connection.rollback();
    throw error;
  } finally {
    connection.release();
  }
}

const app = Fastify({ logger: false });
app.removeAllContentTypeParsers();
app.addContentTypeParser(['application/json', 'application/x-www-form-urlencoded'], { parseAs: 'string' },
  (_request, body, done) => done(null, body));

app.post('/webhooks/wechatpay', async (request, reply) => {
  const { headers, body } = request;
  const genuine = await pay.verifySign({
    timestamp: headers['wechatpay-timestamp'],
    nonce: headers['wechatpay-nonce'],
    serial: headers['wechatpay-serial'],
    signature: headers['wechatpay-signature'],
    body,
  });
  if (!genuine) return reply.code(401).send({ code: 'FAIL', message: 'signature' });
  const { id, resource } = JSON.parse(body);
  const order = pay.decipher_gcm(resource.ciphertext, resource.associated_data, resource.nonce, apiV3Key);
  await record({
    source: 'wechatpay',
    dedupKey: id,
    raw: body,
    outTradeNo: order.out_trade_no,
    transactionId: order.transaction_id,
    amountFen: order.amount.total,
  });
  return { code: 'SUCCESS', message: '成功' };
});

app.post('/webhooks/alipay', async (request, reply) => {
  const fields = Object.fromEntries(new URLSearchParams(request.body));
  if (!alipay.checkNotifySignV2(fields)) return reply.code(401).send('failure');
  await record({
    source: 'alipay',
    dedupKey: fields.notify_id,
    raw: request.body,
    outTradeNo: fields.out_trade_no,
    transactionId: fields.trade_no,
    amountFen: Number(fields.total_amount.replace('.', '')),
  });
  return reply.type('text/plain').send('success');
});

await app.listen({ host: '127.0.0.1', port: Number(PORT) });
console.log('node: ready');
process.on('SIGTERM', async () => {
  await app.close();
  await pool.end();
  process.exit(0);
});
