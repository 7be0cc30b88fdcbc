// What is measured, between whom, and the goal that each comparison has.
import { ceiling, hello, node, wefee } from './servers.mjs';

const burst = { connections: 64, rate: 0 };

export const measures = [
  { name: 'wechat-mariadb', file: 'wechat', ...burst, servers: [ceiling('mariadb'), wefee('mariadb'), node()] },
  { name: 'wechat-sqlite', file: 'wechat', ...burst, servers: [ceiling('sqlite'), wefee('sqlite')] },
  { name: 'alipay-mariadb', file: 'alipay', ...burst, servers: [ceiling('mariadb'), wefee('mariadb'), node()] },
  { name: 'alipay-sqlite', file: 'alipay', ...burst, servers: [ceiling('sqlite'), wefee('sqlite')] },
  {
    name: 'wechat-settled',
    file: 'wechat',
    ...burst,
    servers: [wefee('mariadb', { settles: true }), wefee('sqlite', { settles: true, name: 'wefee-sqlite' }), node()],
  },
  {
    name: 'alipay-settled',
    file: 'alipay',
    ...burst,
    servers: [wefee('mariadb', { settles: true }), wefee('sqlite', { settles: true, name: 'wefee-sqlite' }), node()],
  },
  {
    name: 'fixed-1000',
    file: 'wechat',
    connections: 64,
    rate: 1000,
    share: 0.25,
    warmUp: 0.4,  // two seconds at this rate, which Node.js needs
    servers: [ceiling('mariadb'), wefee('mariadb'), wefee('mariadb', { settles: true, name: 'wefee-settling' }), node()],
  },
  {
    name: 'group-commit',
    file: 'wechat',
    ...burst,
    share: 0.25,  // without it a run takes long
    servers: [wefee('mariadb', { name: 'on' }), wefee('mariadb', { name: 'off', groupCommit: false })],
  },
  {
    name: 'wecom',
    file: 'wecom',
    ...burst,
    servers: [hello(), wefee('mariadb'), wefee('sqlite', { name: 'wefee-sqlite' })],
  },
];

const ratio = (text, measure, over, under, figure, goal, atLeast = true) => ({
  text, measure, goal, atLeast, needs: [over, under],
  value: (median) => median(measure, over, figure) / median(measure, under, figure),
});

export const goals = [
  ratio('WeChat, MariaDB: acknowledged / ceiling', 'wechat-mariadb', 'wefee', 'ceiling', 'rps', 0.85),
  ratio('WeChat, MariaDB: acknowledged / Node.js', 'wechat-mariadb', 'wefee', 'node', 'rps', 5),
  ratio('WeChat, MariaDB: p99 / Node.js p99', 'wechat-mariadb', 'wefee', 'node', 'p99_us', 0.25, false),
  ratio('WeChat, SQLite: acknowledged / ceiling', 'wechat-sqlite', 'wefee', 'ceiling', 'rps', 0.85),
  ratio('Alipay, MariaDB: acknowledged / ceiling', 'alipay-mariadb', 'wefee', 'ceiling', 'rps', 0.85),
  ratio('Alipay, MariaDB: acknowledged / Node.js', 'alipay-mariadb', 'wefee', 'node', 'rps', 7),
  ratio('Alipay, MariaDB: p99 / Node.js p99', 'alipay-mariadb', 'wefee', 'node', 'p99_us', 0.25, false),
  ratio('Alipay, SQLite: acknowledged / ceiling', 'alipay-sqlite', 'wefee', 'ceiling', 'rps', 0.85),
  ratio('WeChat, MariaDB: settled with all books / Node.js', 'wechat-settled', 'wefee', 'node', 'settled_rps', 1.5),
  ratio('WeChat, SQLite: settled with all books / Node.js', 'wechat-settled', 'wefee-sqlite', 'node', 'settled_rps', 1.5),
  ratio('Alipay, MariaDB: settled with all books / Node.js', 'alipay-settled', 'wefee', 'node', 'settled_rps', 1.5),
  ratio('Alipay, SQLite: settled with all books / Node.js', 'alipay-settled', 'wefee-sqlite', 'node', 'settled_rps', 1.5),
  {
    text: 'fixed 1,000/s, acknowledged: p99 in ms', measure: 'fixed-1000', goal: 1.2, atLeast: false, needs: ['wefee'],
    value: (median) => median('fixed-1000', 'wefee', 'p99_us') / 1000,
  },
  ratio('fixed 1,000/s while all books are kept: p99 / Node.js p99', 'fixed-1000', 'wefee-settling', 'node', 'p99_us', 1, false),
  ratio('group commit on / off', 'group-commit', 'on', 'off', 'rps', 2.5),
  ratio('WeCom, MariaDB: acknowledged / bare hello', 'wecom', 'wefee', 'hello', 'rps', 0.5),
  ratio('WeCom, SQLite: acknowledged / bare hello', 'wecom', 'wefee-sqlite', 'hello', 'rps', 0.5),
];
