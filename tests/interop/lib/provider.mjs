// A small server that plays WeChat Pay, Alipay and WeCom. It judges every request with the strangers' SDKs, answers
// as the providers do, signed by the SDKs, and keeps what it saw.
import { createSign } from 'node:crypto';
import { EventEmitter } from 'node:events';
import http from 'node:http';
import { AlipaySdk } from 'alipay-sdk';
import { Formatter, Hash, Rsa, Transformer } from 'wechatpay-axios-plugin';
import WxPay from 'wechatpay-node-v3';
import { us } from './world.mjs';

/** Starts on a free port. `keys` and `now` (Unix seconds) are set before the first request comes. */
export async function startProvider() {
  const provider = { keys: null, now: 0, corpId: '', seen: [], wrong: [], events: new EventEmitter() };
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const call = { method: request.method, url: request.url, headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'), problems: [] };
      const answer = answerTo(provider, call);
      provider.seen.push(call);
      if (call.problems.length > 0) provider.wrong.push(call);
      response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
      provider.events.emit('call');
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  provider.url = `http://127.0.0.1:${server.address().port}`;
  provider.stop = () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  /** The first call of that kind, also one that comes later; fails after `seconds`. */
  provider.call = (kind, seconds = 20) => new Promise((resolve, reject) => {
    const look = () => {
      const found = provider.seen.find((call) => call.kind === kind);
      if (!found) return;
      clearTimeout(timer);
      provider.events.off('call', look);
      resolve(found);
    };
    const timer = setTimeout(() => {
      provider.events.off('call', look);
      reject(new Error(`no ${kind}; seen: ${provider.seen.map((call) => call.kind).join(', ')}`));
    }, seconds * 1000);
    provider.events.on('call', look);
    look();
  });
  return provider;
}

function answerTo(provider, call) {
  const path = call.url.split('?')[0];
  if (path.startsWith('/v3/')) return answerV3(provider, call, path);
  if (path === '/gateway.do') return answerAlipay(provider, call);
  if (path.startsWith('/pay/') || path.startsWith('/papay/')) return answerV2(provider, call, path);
  return answerWecom(provider, call, path);
}

const expect = (call, good, problem) => { if (!good) call.problems.push(problem); };

// -- WeChat Pay API v3 ------------------------------------------------------------------------------------------------

function answerV3(provider, call, path) {
  const { keys } = provider;
  call.kind = `v3 ${call.method} ${path.replace(/(out-trade-no\/)[^/]+/, '$1*')}`;
  const [scheme, rest] = (call.headers.authorization ?? '').split(/ (.*)/s);
  const token = Object.fromEntries([...(rest ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  expect(call, scheme === 'WECHATPAY2-SHA256-RSA2048', 'scheme');
  expect(call, token.mchid === us.mchid && token.serial_no === us.merchantSerial, 'merchant');
  expect(call, Math.abs(Number(token.timestamp) - provider.now) <= 300, 'timestamp');
  expect(call, call.headers['wechatpay-serial'] === us.publicKeyId, 'Wechatpay-Serial');
  expect(call, /json/.test(call.headers.accept ?? '') && call.headers['user-agent'], 'Accept, User-Agent');
  const message = Formatter.request(call.method, call.url, token.timestamp, token.nonce_str, call.body);
  expect(call, Rsa.verify(message, token.signature, keys.merchant.public), 'signature by wechatpay-axios-plugin');
  // RSASSA-PKCS1-v1_5 has one signature for a message: the other SDK must have made the same.
  const peer = new WxPay({ appid: us.appid, mchid: us.mchid, serial_no: us.merchantSerial,
    publicKey: Buffer.from(keys.merchant.public), privateKey: Buffer.from(keys.merchant.private) });
  expect(call, peer.getSignature(call.method, token.nonce_str, token.timestamp, call.url, call.body || undefined)
    === token.signature, 'signature by wechatpay-node-v3');
  const answers = {
    '/v3/pay/transactions/native': () => ({ code_url: 'weixin://wxpay/bizpayurl?pr=interop' }),
    '/v3/pay/transactions/jsapi': () => ({ prepay_id: 'wx20160115interop0000000001' }),
  };
  const made = answers[path];
  const body = JSON.stringify(made ? made() : { code: 'ORDER_NOT_EXIST', message: '订单不存在' });
  const nonce = Formatter.nonce();
  return {
    status: made ? 200 : 404,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'Wechatpay-Timestamp': String(provider.now),
      'Wechatpay-Nonce': nonce,
      'Wechatpay-Serial': us.publicKeyId,
      'Wechatpay-Signature': Rsa.sign(Formatter.response(provider.now, nonce, body), keys.wechat.private),
      'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
    },
    body,
  };
}

// -- WeChat Pay API v2 ------------------------------------------------------------------------------------------------

function answerV2(provider, call, path) {
  call.kind = `v2 ${path}`;
  const { sign, ...fields } = Transformer.toObject(call.body);
  call.fields = fields;
  const type = fields.sign_type ?? 'MD5';
  expect(call, Hash.sign(type, fields, provider.keys.apiV2) === sign, `sign (${type}) by wechatpay-axios-plugin`);
  expect(call, fields.mch_id === us.mchid && fields.appid === us.appid, 'merchant');
  const answer = { return_code: 'SUCCESS', return_msg: 'OK', result_code: 'SUCCESS', appid: us.appid, mch_id: us.mchid,
    nonce_str: Formatter.nonce() };
  if (path !== '/pay/pappayapply')
    Object.assign(answer, { result_code: 'FAIL', err_code: 'ORDERNOTEXIST', err_code_des: '订单不存在' });
  return { headers: { 'Content-Type': 'text/xml' },
    body: Transformer.toXml({ ...answer, sign: Hash.sign(type, answer, provider.keys.apiV2) }) };
}

// -- Alipay -----------------------------------------------------------------------------------------------------------

function answerAlipay(provider, call) {
  const { keys } = provider;
  const query = new URLSearchParams(call.url.split('?')[1] ?? '');
  const parameters = Object.fromEntries([...query, ...new URLSearchParams(call.body)]);
  const { sign, ...signed } = parameters;
  call.kind = parameters.method;
  call.fields = parameters;
  call.content = JSON.parse(parameters.biz_content ?? '{}');
  // The SDK's own check with our application's key: all parameters but sign, sign_type among them.
  const judge = new AlipaySdk({ appId: us.alipayAppId, keyType: 'PKCS8', privateKey: keys.alipay.private,
    alipayPublicKey: keys.application.public });
  expect(call, judge.notifyRSACheck(signed, sign, 'RSA2', true), 'sign by alipay-sdk');
  expect(call, parameters.app_id === us.alipayAppId && parameters.sign_type === 'RSA2' && parameters.version === '1.0',
    'public parameters');
  expect(call, query.has('charset'), 'charset in the query');
  const paid = {
    code: '10000', msg: 'Success', trade_no: '2026011522001400000000000077', out_trade_no: call.content.out_trade_no,
    buyer_logon_id: '138****0009', buyer_user_id: '2088000000000009', total_amount: call.content.total_amount,
    receipt_amount: call.content.total_amount, buyer_pay_amount: call.content.total_amount, point_amount: '0.00',
    invoice_amount: call.content.total_amount, gmt_payment: '2026-01-15 10:00:03',
    fund_bill_list: [{ amount: call.content.total_amount, fund_channel: 'ALIPAYACCOUNT' }],
  };
  const unknown = { code: '40004', msg: 'Business Failed', sub_code: 'ACQ.TRADE_NOT_EXIST', sub_msg: '交易不存在' };
  const node = JSON.stringify(parameters.method === 'alipay.trade.pay' ? paid : unknown);
  const name = `${parameters.method.replaceAll('.', '_')}_response`;
  const signature = createSign('RSA-SHA256').update(node, 'utf8').sign(keys.alipay.private, 'base64');
  const body = `{"${name}":${node},"sign":"${signature}"}`;
  new AlipaySdk({ appId: us.alipayAppId, keyType: 'PKCS8', privateKey: keys.application.private,
    alipayPublicKey: keys.alipay.public }).checkResponseSign(body, name, signature, '');  // throws when it is not right
  return { headers: { 'Content-Type': 'text/html;charset=utf-8' }, body };
}

// -- WeCom ------------------------------------------------------------------------------------------------------------

function answerWecom(provider, call, path) {
  call.kind = `wecom ${path}`;
  call.fields = call.body ? JSON.parse(call.body) : {};
  const answers = {
    '/cgi-bin/service/get_suite_token': { suite_access_token: 'suite-token', expires_in: 7200 },
    '/cgi-bin/service/miniprogram/jscode2session':
      { errcode: 0, errmsg: 'ok', corpid: provider.corpId, userid: 'boss', session_key: 'c2Vzc2lvbg==' },
    '/cgi-bin/service/get_corp_token': { access_token: 'corp-token', expires_in: 7200 },
    '/cgi-bin/message/send': { errcode: 0, errmsg: 'ok', msgid: 'message-1' },
  };
  return { headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify(answers[path] ?? { errcode: 40001, errmsg: 'not played here' }) };
}
