// What wefee sends: deductions and orders reach a server that judges them with the strangers' SDKs and answers with
// signatures of theirs; then wefee's books must show the money.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Aes, Formatter, Hash, Rsa, Transformer } from 'wechatpay-axios-plugin';
import { encrypt, getSignature } from '@wecom/crypto';
import { startProvider } from './lib/provider.mjs';
import { makeWorld, post, query, seed, serve, settles, us } from './lib/world.mjs';

const now = '2026-01-15T10:00:00+08:00';
const seconds = Math.floor(Date.parse(now) / 1000);

async function startAll(stage, orders) {
  const provider = await startProvider();
  const world = await makeWorld({ provider: provider.url, now });
  Object.assign(provider, { keys: world.keys, now: seconds, corpId: `wp${orders[0].outTradeNo}` });
  seed(world, stage, orders);
  const wefee = await serve(world);
  return { provider, world, wefee,
    async stop() {
      await wefee.stop();
      await provider.stop();
      world.remove();
    } };
}

const chargeState = (order) => `SELECT state FROM charge WHERE invoice_id='inv_${order.outTradeNo}'`;

describe('deductions', () => {
  const wechat = { provider: 'wechat', outTradeNo: 'Winterop0000001', fen: 19900, payer: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' };
  const alipay = { provider: 'alipay', outTradeNo: 'Ainterop0000001', fen: 2990, payer: '2088000000000009' };
  let all;
  before(async () => { all = await startAll('due', [wechat, alipay]); });
  after(() => all?.stop());

  test('alipay.trade.pay is signed as alipay-sdk wants it, and its signed answer collects the charge', async () => {
    const call = await all.provider.call('alipay.trade.pay');
    assert.deepEqual(call.problems, []);
    assert.equal(call.content.total_amount, '29.90');
    await settles(all.world, chargeState(alipay), 'COLLECTED');
  });

  test('pappayapply is signed as wechatpay-axios-plugin wants it, and the signed notice collects the charge', async () => {
    const call = await all.provider.call('v2 /pay/pappayapply');
    assert.deepEqual(call.problems, []);
    assert.equal(call.fields.total_fee, '19900');
    const notice = {
      return_code: 'SUCCESS', result_code: 'SUCCESS', appid: us.appid, mch_id: us.mchid, nonce_str: Formatter.nonce(),
      openid: wechat.payer, is_subscribe: 'N', trade_type: 'PAP', trade_state: 'SUCCESS', bank_type: 'CMB_DEBIT',
      total_fee: call.fields.total_fee, cash_fee: call.fields.total_fee, fee_type: 'CNY',
      transaction_id: '4200002500202601151234567891', out_trade_no: call.fields.out_trade_no,
      time_end: '20260115100003', contract_id: call.fields.contract_id,
    };
    const sign = Hash.sign('HMAC-SHA256', notice, all.world.keys.apiV2);
    const answer = await post(call.fields.notify_url, Transformer.toXml({ ...notice, sign }));
    assert.equal(answer.status, 200, answer.body);
    await settles(all.world, chargeState(wechat), 'COLLECTED');
  });

  test('no other request was signed wrongly', () => {
    assert.deepEqual(all.provider.wrong.map((call) => [call.kind, call.problems]), []);
  });
});

describe('a person pays by QR code', () => {
  const order = { provider: 'wechat', outTradeNo: 'Winterop0000002', fen: 9900, payer: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' };
  let all, token;

  before(async () => {
    all = await startAll('owed', [order]);
    const { keys } = all.world;
    const ticket = `<xml><SuiteId>${us.suiteId}</SuiteId><InfoType>suite_ticket</InfoType>`
      + `<TimeStamp>${seconds}</TimeStamp><SuiteTicket>interop-ticket</SuiteTicket></xml>`;
    const cipher = encrypt(keys.aesKey, ticket, us.suiteId);
    const signature = getSignature(keys.token, seconds, '1', cipher);
    const answer = await post(
      `${all.wefee.url}/webhooks/wecom/command?msg_signature=${signature}&timestamp=${seconds}&nonce=1`,
      `<xml><ToUserName>${us.suiteId}</ToUserName><AgentID></AgentID><Encrypt>${cipher}</Encrypt></xml>`);
    assert.equal(answer.body, 'success');
    await settles(all.world, 'SELECT COUNT(*) FROM suite_ticket', '1');
  });
  after(() => all?.stop());

  const api = async (path, body) => {
    const answer = await post(`${all.wefee.url}/api/v1${path}`, JSON.stringify(body), {
      'Content-Type': 'application/json', 'Idempotency-Key': `interop-${path}`,
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    });
    assert.ok(answer.status < 300, JSON.stringify(answer));
    return JSON.parse(answer.body);
  };

  test('the login uses the ticket that @wecom/crypto sealed', async () => {
    ({ token } = await api('/session', { code: 'mini-program-code' }));
    const call = await all.provider.call('wecom /cgi-bin/service/get_suite_token');
    assert.deepEqual(call.fields,
      { suite_id: us.suiteId, suite_secret: all.world.keys.suiteSecret, suite_ticket: 'interop-ticket' });
  });

  test('the order is signed as both SDKs want it, its signed answer becomes the QR code, and the payment settles', async () => {
    const started = await api(`/invoices/inv_${order.outTradeNo}/payments`, { provider: 'wechat', way: 'native_qr' });
    const call = await all.provider.call('v3 POST /v3/pay/transactions/native');
    assert.deepEqual(call.problems, []);
    assert.match(JSON.stringify(started), /weixin:\/\/wxpay\/bizpayurl\?pr=interop/);
    const sent = JSON.parse(call.body);
    assert.equal(sent.amount.total, order.fen);

    const nonce = Formatter.nonce(12);
    const resource = JSON.stringify({
      mchid: us.mchid, appid: us.appid, out_trade_no: sent.out_trade_no, transaction_id: '4200002500202601151234567890',
      trade_type: 'NATIVE', trade_state: 'SUCCESS', trade_state_desc: '支付成功', bank_type: 'OTHERS',
      success_time: now, payer: { openid: order.payer },
      amount: { total: order.fen, payer_total: order.fen, currency: 'CNY', payer_currency: 'CNY' },
    });
    const body = JSON.stringify({ id: 'EV-interop-qr', create_time: now, resource_type: 'encrypt-resource',
      event_type: 'TRANSACTION.SUCCESS', summary: '支付成功', resource: { original_type: 'transaction',
        algorithm: 'AEAD_AES_256_GCM', associated_data: 'transaction', nonce,
        ciphertext: Aes.AesGcm.encrypt(resource, all.world.keys.apiV3, nonce, 'transaction') } });
    const answer = await post(sent.notify_url, body, {
      'Content-Type': 'application/json', 'Wechatpay-Timestamp': String(seconds), 'Wechatpay-Nonce': nonce,
      'Wechatpay-Serial': us.publicKeyId,
      'Wechatpay-Signature': Rsa.sign(Formatter.response(seconds, nonce, body), all.world.keys.wechat.private),
    });
    assert.equal(answer.status, 200, answer.body);
    await settles(all.world, chargeState(order), 'COLLECTED');
    assert.deepEqual(query(all.world, `SELECT state, paid_fen FROM invoice WHERE id='inv_${order.outTradeNo}'`),
      [['PAID', String(order.fen)]]);
  });

  test('no request was signed wrongly', () => {
    assert.deepEqual(all.provider.wrong.map((call) => [call.kind, call.problems]), []);
  });
});
