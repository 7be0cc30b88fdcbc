// Alipay notifications: alipay-sdk signs with Alipay's key, and vouches for those that are signed by the older rule.
import assert from 'node:assert/strict';
import { createSign } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { AlipaySdk } from 'alipay-sdk';
import { inboxCount, makeKeys, makeWorld, post, serve, us } from './lib/world.mjs';

let world, wefee, alipay, merchant;

const paid = (number, more = {}) => ({
  notify_time: '2026-01-15 10:00:04', notify_type: 'trade_status_sync', notify_id: `20260115012221000030000000${number}`,
  app_id: us.alipayAppId, auth_app_id: us.alipayAppId, charset: 'utf-8', version: '1.0',
  trade_no: `2026011522001400000000000000${number}`, out_trade_no: `CHG_20260115_${number}`, buyer_id: '2088000000000009',
  buyer_logon_id: '138****0009', seller_id: us.sellerId, seller_email: 'mer***@example.test',
  trade_status: 'TRADE_SUCCESS', total_amount: '29.90', receipt_amount: '29.90', invoice_amount: '29.90',
  buyer_pay_amount: '29.90', point_amount: '0.00', subject: '企微助手标准版 2026年1月 月费', body: 'standard plan',
  gmt_create: '2026-01-15 10:00:02', gmt_payment: '2026-01-15 10:00:03',
  fund_bill_list: '[{"amount":"29.90","fundChannel":"ALIPAYACCOUNT"}]', ...more,
});

/** The rule of payment notifications: sorted pairs without sign and sign_type. */
function signedV1(fields, key = world.keys.alipay.private) {
  const text = Object.keys(fields).sort().map((name) => `${name}=${fields[name]}`).join('&');
  return { ...fields, sign_type: 'RSA2', sign: createSign('RSA-SHA256').update(text, 'utf8').sign(key, 'base64') };
}

const send = (fields) => post(`${wefee.url}/webhooks/alipay`, new URLSearchParams(fields).toString(),
  { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' });

before(async () => {
  world = await makeWorld();
  wefee = await serve(world);
  const { keys } = world;
  alipay = new AlipaySdk({ appId: us.alipayAppId, keyType: 'PKCS8', privateKey: keys.alipay.private });
  merchant = new AlipaySdk({ appId: us.alipayAppId, keyType: 'PKCS8', privateKey: keys.application.private,
    alipayPublicKey: keys.alipay.public });
});
after(async () => {
  await wefee?.stop();
  world?.remove();
});

test('a notification that alipay-sdk accepts is acknowledged with success, and kept once however often it comes', async () => {
  const stored = inboxCount(world);
  const fields = signedV1(paid('01'));
  assert.equal(merchant.checkNotifySignV2(fields), true);
  for (let repeat = 0; repeat < 3; ++repeat) {
    const answer = await send(fields);
    assert.deepEqual([answer.status, answer.body], [200, 'success']);
  }
  assert.equal(inboxCount(world), stored + 1);
});

test('values that hold percent signs, plus signs and ampersands are decoded once, as alipay-sdk does', async () => {
  const fields = signedV1(paid('02', { passback_params: 'tenant%3D42%26note%3D100%25+ok&more=1' }));
  assert.equal(merchant.checkNotifySignV2(fields), true);
  assert.deepEqual((await send(fields)).body, 'success');
});

test('a message signed by alipay-sdk itself, with sign_type in the text, is acknowledged', async () => {
  const stored = inboxCount(world);
  const { app_id: _, charset: __, version: ___, ...fields } = paid('03');  // the SDK puts these in by itself
  const form = Object.fromEntries(new URLSearchParams(alipay.sdkExecute('interop.notify', fields)));
  assert.equal(merchant.checkNotifySignV2(form), true);
  const answer = await send(form);
  assert.deepEqual([answer.status, answer.body], [200, 'success']);
  assert.equal(inboxCount(world), stored + 1);
});

describe('a message that is not what Alipay signed is refused and not kept', () => {
  const changes = {
    'a changed amount': (fields) => ({ ...fields, total_amount: '0.01' }),
    'a field more': (fields) => ({ ...fields, extra: '1' }),
    'a field less': ({ body: _, ...fields }) => fields,
    'somebody else\'s key': () => signedV1(paid('04'), makeKeys().alipay.private),
    'our own application key': () => signedV1(paid('04'), world.keys.application.private),
    'no sign': ({ sign: _, ...fields }) => fields,
    'an empty sign': (fields) => ({ ...fields, sign: '' }),
    'the weak RSA of the message\'s own choice': (fields) => ({ ...fields, sign_type: 'RSA' }),
  };
  for (const [name, change] of Object.entries(changes)) {
    test(name, async () => {
      const stored = inboxCount(world);
      const fields = change(signedV1(paid('04')));
      const answer = await send(fields);
      assert.ok([400, 401].includes(answer.status), JSON.stringify(answer));
      assert.notEqual(answer.body.trim(), 'success');
      assert.equal(inboxCount(world), stored);
    });
  }
});
