// WeChat Pay notifications signed and encrypted by wechatpay-axios-plugin and wechatpay-node-v3.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Aes, Formatter, Hash, Rsa, Transformer } from 'wechatpay-axios-plugin';
import WxPay from 'wechatpay-node-v3';
import { inboxCount, makeKeys, makeWorld, post, serve, us } from './lib/world.mjs';

let world, wefee, signers, wrongKey;

const order = (number) => ({
  mchid: us.mchid,
  appid: us.appid,
  out_trade_no: number,
  transaction_id: `42000025${number}`,
  trade_type: 'JSAPI',
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  bank_type: 'CMB_CREDIT',
  success_time: '2026-01-15T10:00:00+08:00',
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  amount: { total: 19900, payer_total: 19900, currency: 'CNY', payer_currency: 'CNY' },
});

function envelope(number, ciphertext) {
  const nonce = Formatter.nonce(12);
  return JSON.stringify({
    id: `EV-${number}`,
    create_time: '2026-01-15T10:00:01+08:00',
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: {
      original_type: 'transaction',
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: ciphertext ? ciphertext(nonce)
        : Aes.AesGcm.encrypt(JSON.stringify(order(number)), world.keys.apiV3, nonce, 'transaction'),
      associated_data: 'transaction',
      nonce,
    },
  });
}

function signed(body, sign, timestamp = Formatter.timestamp()) {
  const nonce = Formatter.nonce();
  return {
    'Content-Type': 'application/json',
    'Wechatpay-Timestamp': String(timestamp),
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': us.publicKeyId,
    'Wechatpay-Signature': sign(Formatter.response(timestamp, nonce, body)),
    'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
  };
}

const send = (body, headers) => post(`${wefee.url}/webhooks/wechatpay`, body, headers);

before(async () => {
  world = await makeWorld();
  wefee = await serve(world);
  wrongKey = makeKeys().wechat;
  const peer = new WxPay({ appid: us.appid, mchid: us.mchid, serial_no: us.merchantSerial,
    publicKey: Buffer.from(world.keys.wechat.public), privateKey: Buffer.from(world.keys.wechat.private) });
  signers = {
    'wechatpay-axios-plugin': (text) => Rsa.sign(text, world.keys.wechat.private),
    'wechatpay-node-v3': (text) => peer.sign(text),
  };
});
after(async () => {
  await wefee?.stop();
  world?.remove();
});

for (const name of ['wechatpay-axios-plugin', 'wechatpay-node-v3']) {
  test(`a notification signed by ${name} is acknowledged and kept once, however often it comes`, async () => {
    const stored = inboxCount(world);
    const body = envelope(`${name}-1`);
    for (let repeat = 0; repeat < 3; ++repeat) {
      const answer = await send(body, signed(body, signers[name]));
      assert.ok([200, 204].includes(answer.status), JSON.stringify(answer));
    }
    assert.equal(inboxCount(world), stored + 1);
  });
}

test('wechatpay-node-v3 verifies the very bytes that wefee accepts', async () => {
  const body = envelope('verified-by-both');
  const headers = signed(body, signers['wechatpay-axios-plugin']);
  WxPay.certificates[us.publicKeyId] = world.keys.wechat.public;
  const peer = new WxPay({ appid: us.appid, mchid: us.mchid, serial_no: us.merchantSerial,
    publicKey: Buffer.from(world.keys.merchant.public), privateKey: Buffer.from(world.keys.merchant.private) });
  assert.equal(await peer.verifySign({ timestamp: headers['Wechatpay-Timestamp'], nonce: headers['Wechatpay-Nonce'],
    serial: us.publicKeyId, signature: headers['Wechatpay-Signature'], body }), true);
  assert.equal((await send(body, headers)).status, 200);
});

describe('a message that is not what WeChat Pay signed is refused and not kept', () => {
  const sign = (text) => signers['wechatpay-axios-plugin'](text);
  const changes = {
    'a changed amount': (body, headers) => [body.replace('2026-01-15T10:00:01', '2026-01-15T10:00:02'), headers],
    'a body written anew with blanks': (body, headers) => [JSON.stringify(JSON.parse(body), null, 1), headers],
    'another nonce': (body, headers) => [body, { ...headers, 'Wechatpay-Nonce': Formatter.nonce() }],
    'another time': (body, headers) =>
      [body, { ...headers, 'Wechatpay-Timestamp': String(Number(headers['Wechatpay-Timestamp']) - 1) }],
    'somebody else\'s key': (body) => [body, signed(body, (text) => Rsa.sign(text, wrongKey.private))],
    'our own merchant key': (body) => [body, signed(body, (text) => Rsa.sign(text, world.keys.merchant.private))],
    'an unknown public key id': (body, headers) =>
      [body, { ...headers, 'Wechatpay-Serial': 'PUB_KEY_ID_0000000000000000000000000000000000' }],
    'a signature 301 seconds old': (body) => [body, signed(body, sign, Formatter.timestamp() - 301)],
    'a signature from the future': (body) => [body, signed(body, sign, Formatter.timestamp() + 301)],
    'a signature probe': (body, headers) =>
      [body, { ...headers, 'Wechatpay-Signature': `WECHATPAY/SIGNTEST/${headers['Wechatpay-Signature'].slice(8)}` }],
    'no signature': (body, headers) => [body, { ...headers, 'Wechatpay-Signature': '' }],
  };
  for (const [name, change] of Object.entries(changes)) {
    test(name, async () => {
      const stored = inboxCount(world);
      const original = envelope(`tampered-${name}`);
      const [body, headers] = change(original, signed(original, sign));
      const answer = await send(body, headers);
      assert.equal(answer.status, 401, JSON.stringify(answer));
      assert.equal(JSON.parse(answer.body).code, 'FAIL');
      assert.equal(inboxCount(world), stored);
    });
  }
});

test('a forged GCM tag is refused, though wechatpay-node-v3 would decrypt it', async () => {
  const stored = inboxCount(world);
  const forge = (nonce) => {
    const bytes = Buffer.from(
      Aes.AesGcm.encrypt(JSON.stringify(order('forged-tag')), world.keys.apiV3, nonce, 'transaction'), 'base64');
    bytes[bytes.length - 1] ^= 1;
    return bytes.toString('base64');
  };
  const body = envelope('forged-tag', forge);
  const { resource } = JSON.parse(body);
  const peer = new WxPay({ appid: us.appid, mchid: us.mchid, serial_no: us.merchantSerial,
    publicKey: Buffer.from(world.keys.merchant.public), key: world.keys.apiV3 });
  assert.equal(peer.decipher_gcm(resource.ciphertext, resource.associated_data, resource.nonce).out_trade_no,
    'forged-tag');
  const answer = await send(body, signed(body, signers['wechatpay-axios-plugin']));
  assert.ok(answer.status >= 400, JSON.stringify(answer));
  assert.equal(inboxCount(world), stored);
});

describe('v2 notices by wechatpay-axios-plugin', () => {
  const deduction = (number) => ({
    return_code: 'SUCCESS', result_code: 'SUCCESS', appid: us.appid, mch_id: us.mchid, nonce_str: Formatter.nonce(),
    openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', is_subscribe: 'N', trade_type: 'PAP', trade_state: 'SUCCESS',
    bank_type: 'CMB_DEBIT', total_fee: '19900', cash_fee: '19900', fee_type: 'CNY',
    transaction_id: `42000025002026011500${number}`, out_trade_no: `SCRMD2026011500${number}`,
    time_end: '20260115090501', contract_id: '202511230000028648',
  });
  const contract = () => ({
    return_code: 'SUCCESS', result_code: 'SUCCESS', mch_id: us.mchid, contract_code: 'SCRMC20260115000001',
    openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', plan_id: us.planId, change_type: 'ADD',
    operate_time: '2026-01-15 09:05:00', contract_id: '202601150000028648',
    contract_expired_time: '2027-01-15 09:05:00', request_serial: '1763903392',
  });
  const xml = (fields, type) =>
    Transformer.toXml({ ...fields, sign: Hash.sign(type, fields, world.keys.apiV2) });
  const sendXml = async (path, text) => {
    const answer = await post(`${wefee.url}/webhooks/wechatpay/v2/${path}`, text, { 'Content-Type': 'text/xml' });
    return { ...answer, code: Transformer.toObject(answer.body)?.return_code };
  };

  for (const type of ['HMAC-SHA256', 'MD5']) {
    test(`a deduction notice signed with ${type} is acknowledged`, async () => {
      const stored = inboxCount(world);
      const number = type === 'MD5' ? '0001' : '0002';
      const answer = await sendXml('deduction', xml(deduction(number), type));
      assert.deepEqual([answer.status, answer.code], [200, 'SUCCESS'], answer.body);
      assert.equal(inboxCount(world), stored + 1);
    });
  }

  test('a contract notice is acknowledged', async () => {
    const stored = inboxCount(world);
    const answer = await sendXml('contract', xml(contract(), 'HMAC-SHA256'));
    assert.deepEqual([answer.status, answer.code], [200, 'SUCCESS'], answer.body);
    assert.equal(inboxCount(world), stored + 1);
  });

  test('a refund notice, encrypted under the MD5 of the APIv2 key, is acknowledged', async () => {
    const stored = inboxCount(world);
    const info = Transformer.toXml({
      out_refund_no: 'R20260115000001', out_trade_no: 'SCRMD20260115000001', refund_account: 'REFUND_SOURCE_RECHARGE_FUNDS',
      refund_fee: '100', refund_id: '50000000382026011500000001', refund_recv_accout: '招商银行信用卡0403',
      refund_request_source: 'API', refund_status: 'SUCCESS', settlement_refund_fee: '100',
      settlement_total_fee: '19900', success_time: '2026-01-15 11:20:21', total_fee: '19900',
      transaction_id: '420000250020260115000001',
    }).replace(/^<xml>/, '<root>').replace(/<\/xml>$/, '</root>');
    const sealed = Aes.AesEcb.encrypt(info, Hash.md5(world.keys.apiV2));
    const answer = await sendXml('refund', Transformer.toXml({ return_code: 'SUCCESS', appid: us.appid, mch_id: us.mchid,
      nonce_str: Formatter.nonce(), req_info: sealed }));
    assert.deepEqual([answer.status, answer.code], [200, 'SUCCESS'], answer.body);
    assert.equal(inboxCount(world), stored + 1);
  });

  for (const [name, change] of Object.entries({
    'a changed amount': (text) => text.replace('19900', '19901'),
    'no sign': (text) => text.replace(/<sign>.*<\/sign>/, ''),
    'an empty sign': (text) => text.replace(/<sign>.*<\/sign>/, '<sign></sign>'),
  })) {
    test(`${name} is refused and not kept`, async () => {
      const stored = inboxCount(world);
      const answer = await sendXml('deduction', change(xml(deduction('0009'), 'HMAC-SHA256')));
      assert.ok(answer.status >= 400, JSON.stringify(answer));
      assert.equal(answer.code, 'FAIL');
      assert.equal(inboxCount(world), stored);
    });
  }
});
