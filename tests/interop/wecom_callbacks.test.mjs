// WeCom callbacks encrypted and signed by the official @wecom/crypto.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decrypt, encrypt, getSignature } from '@wecom/crypto';
import { get, inboxCount, letters, makeWorld, post, serve, settles, us } from './lib/world.mjs';

let world, wefee;
let nonceNumber = 0;

function sealed(message, receiver, { token = world.keys.token, aesKey = world.keys.aesKey } = {}) {
  const cipher = encrypt(aesKey, message, receiver);
  const [timestamp, nonce] = [String(Math.floor(Date.now() / 1000)), `10${++nonceNumber}`];
  return { cipher, timestamp, nonce, signature: getSignature(token, timestamp, nonce, cipher) };
}

const queryOf = ({ signature, timestamp, nonce }) =>
  `msg_signature=${signature}&timestamp=${timestamp}&nonce=${nonce}`;

const envelope = (receiver, cipher) => `<xml><ToUserName><![CDATA[${receiver}]]></ToUserName>`
  + `<AgentID><![CDATA[]]></AgentID><Encrypt><![CDATA[${cipher}]]></Encrypt></xml>`;

const send = (path, receiver, parts) => post(`${wefee.url}/webhooks/wecom/${path}?${queryOf(parts)}`,
  envelope(receiver, parts.cipher), { 'Content-Type': 'text/xml' });

const check = (path, parts) =>
  get(`${wefee.url}/webhooks/wecom/${path}?${queryOf(parts)}&echostr=${encodeURIComponent(parts.cipher)}`);

const contact = (user) => `<xml><SuiteId><![CDATA[${us.suiteId}]]></SuiteId>`
  + '<AuthCorpId><![CDATA[wpInteropCorp01]]></AuthCorpId><InfoType><![CDATA[change_contact]]></InfoType>'
  + `<TimeStamp>1768442400</TimeStamp><ChangeType><![CDATA[create_user]]></ChangeType><UserID><![CDATA[${user}]]></UserID></xml>`;

const entered = (user) => `<xml><ToUserName><![CDATA[${us.providerCorpId}]]></ToUserName>`
  + `<FromUserName><![CDATA[${user}]]></FromUserName><CreateTime>1768442400</CreateTime>`
  + '<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe]]></Event><AgentID>1000002</AgentID></xml>';

before(async () => {
  world = await makeWorld();
  wefee = await serve(world);
});
after(async () => {
  await wefee?.stop();
  world?.remove();
});

for (const path of ['command', 'data']) {
  test(`the check of the ${path} URL is answered with the echo text alone`, async () => {
    const parts = sealed('7214599831121983457', us.providerCorpId);
    assert.deepEqual(await check(path, parts), { status: 200, body: '7214599831121983457' });
  });
}

test('texts of every length modulo the padding come through whole', async () => {
  for (let length = 1; length <= 33; ++length) {
    const text = '9'.repeat(length);
    assert.deepEqual(await check('command', sealed(text, us.providerCorpId)), { status: 200, body: text });
  }
});

test('a command event is acknowledged with success and kept once, however often it comes', async () => {
  const stored = inboxCount(world);
  for (let repeat = 0; repeat < 3; ++repeat) {
    const answer = await send('command', us.suiteId, sealed(contact('李四-01'), us.suiteId));
    assert.deepEqual([answer.status, answer.body], [200, 'success']);
  }
  assert.equal(inboxCount(world), stored + 1);
});

test('a data event is acknowledged with nothing, or with a reply that @wecom/crypto can open', async () => {
  const stored = inboxCount(world);
  const answer = await send('data', us.providerCorpId, sealed(entered('user-01'), us.providerCorpId));
  assert.equal(answer.status, 200);
  if (answer.body.startsWith('<xml>')) {
    const part = (name) => answer.body.match(new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`))[1];
    assert.equal(part('MsgSignature'),
      getSignature(world.keys.token, part('TimeStamp'), part('Nonce'), part('Encrypt')));
    assert.equal(decrypt(world.keys.aesKey, part('Encrypt')).id, us.providerCorpId);
  } else {
    assert.ok(['', 'success'].includes(answer.body), answer.body);
  }
  assert.equal(inboxCount(world), stored + 1);
});

test('a suite ticket is read as @wecom/crypto wrote it', async () => {
  const ticket = 'ticket-'.padEnd(64, 'x');
  const message = `<xml><SuiteId><![CDATA[${us.suiteId}]]></SuiteId><InfoType><![CDATA[suite_ticket]]></InfoType>`
    + `<TimeStamp>1768442400</TimeStamp><SuiteTicket><![CDATA[${ticket}]]></SuiteTicket></xml>`;
  const answer = await send('command', us.suiteId, sealed(message, us.suiteId));
  assert.deepEqual([answer.status, answer.body], [200, 'success']);
  await settles(world, `SELECT ticket FROM suite_ticket WHERE suite_id='${us.suiteId}'`, ticket);
});

describe('a message that is not what WeCom sealed is refused and not kept', () => {
  const cases = {
    'another token': () => sealed(contact('u'), us.suiteId, { token: letters(24) }),
    'another key': () => sealed(contact('u'), us.suiteId, { aesKey: `${letters(42)}A` }),
    'another receiver': () => sealed(contact('u'), 'wwsomebodyelse0001'),
    'no receiver': () => sealed(contact('u'), ''),
    'a changed cipher text': () => {
      const parts = sealed(contact('u'), us.suiteId);
      return { ...parts, cipher: `${parts.cipher[0] === 'A' ? 'B' : 'A'}${parts.cipher.slice(1)}` };
    },
    'another nonce': () => ({ ...sealed(contact('u'), us.suiteId), nonce: '1' }),
    'a signature with one digit changed': () => {
      const parts = sealed(contact('u'), us.suiteId);
      return { ...parts, signature: parts.signature.replace(/[0-9a-f]/, (c) => (c === '0' ? '1' : '0')) };
    },
  };
  for (const [name, make] of Object.entries(cases)) {
    test(name, async () => {
      const stored = inboxCount(world);
      const answer = await send('command', us.suiteId, make());
      assert.equal(answer.status, 403, JSON.stringify(answer));
      assert.equal(inboxCount(world), stored);
    });
  }

  test('a cipher text changed under a right signature, which @wecom/crypto would not notice', async () => {
    const stored = inboxCount(world);
    const bytes = Buffer.from(encrypt(world.keys.aesKey, contact('u'), us.suiteId), 'base64');
    bytes[bytes.length - 33] ^= 0x55;  // garbles the last block's padding
    const cipher = bytes.toString('base64');
    const [timestamp, nonce] = ['1768442400', '77'];
    const answer = await send('command', us.suiteId,
      { cipher, timestamp, nonce, signature: getSignature(world.keys.token, timestamp, nonce, cipher) });
    assert.equal(answer.status, 403, JSON.stringify(answer));
    assert.equal(inboxCount(world), stored);
  });
});
