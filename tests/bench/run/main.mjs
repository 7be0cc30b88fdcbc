// scripts/bench: every server in turn on the same notifications, five rounds; counts are checked after each run.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { durability, startMariadb } from './mariadb.mjs';
import { goals, measures } from './measures.mjs';
import { measureMonth, monthGoals, monthMeasures, monthTable } from './month.mjs';
import { run, runOrThrow, stop, waitForStillMachine } from './processes.mjs';
import { figuresTable, goalsTable, judge } from './report.mjs';
import { raisedLimits } from './servers.mjs';
import { flushTimes, settledMillis, waiting } from './stores.mjs';

const usage = `scripts/bench [--quick] [--only NAME]... [--server NAME]... [--rounds N] [--count N] [--loops N]
  --quick    one round, 4,000 notifications each; closes of 1,000 and 2,000 subscriptions
  --only     a measure: ${measures.map((measure) => measure.name).concat(monthMeasures).join(', ')}
  --subscriptions  of a close (1,000, 10,000, 20,000 and, in the first round, 100,000)
  --manual   the closed invoices are paid by hand instead of deducted
  --server   only these servers: ceiling, hello, node, wefee, wefee-sqlite, on, off
  --loops    event loops of wefee (default: its own)
  --patience seconds to wait for a still machine before each run (20)`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    server: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    count: { type: 'string' },
    loops: { type: 'string' },
    subscriptions: { type: 'string', multiple: true },
    manual: { type: 'boolean', default: false },
    patience: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(usage);
  process.exit(0);
}
for (const name of options.only)
  if (!measures.some((measure) => measure.name === name) && !monthMeasures.includes(name)) throw new Error(`no measure ${name}\n${usage}`);

const rounds = Number(options.rounds ?? (options.quick ? 1 : 5));
const count = Number(options.count ?? (options.quick ? 4000 : 20000));
const wecomCount = count * 3;  // cheap to make and fast to answer
const patience = Number(options.patience ?? 20);
const chosen = measures
  .filter((measure) => options.only.length === 0 || options.only.includes(measure.name))
  .map((measure) => ({ ...measure,
    servers: measure.servers.filter(({ name }) => options.server.length === 0 || options.server.includes(name)) }))
  .filter((measure) => measure.servers.length > 0);

const chosenMonth = options.server.length > 0 ? []
  : monthMeasures.filter((name) => options.only.length === 0 || options.only.includes(name));
const sizes = (options.subscriptions ?? (options.quick ? [1000, 2000] : [1000, 10000, 20000, 100000])).map(Number);

const here = join(dirname(fileURLToPath(import.meta.url)), '..');
const root = join(here, '../..');
const build = process.env.BENCH_BUILD ?? join(root, 'build/release');
const work = join(root, 'build/bench');
const context = {
  here,
  work,
  loops: options.loops,
  schema: join(here, 'ceiling/schema.sql'),
  keys: join(work, 'keys'),
  notifications: join(work, 'notifications'),
  orders: join(work, 'notifications/orders.csv'),
  binaries: {
    wefee: process.env.WEFEE_BIN ?? join(build, 'wefee'),
    load: join(build, 'tests/bench/load/wefee-load'),
    ceiling: join(build, 'tests/bench/ceiling/wefee-ceiling'),
    seed: join(build, 'tests/bench/seed/wefee-seed'),
    close: join(build, 'tests/bench/close/wefee-close'),
  },
};

/** One run: fresh store, server, load, counts, the same load again, counts, end. */
async function measureOnce(measure, server) {
  const sent = Math.floor((measure.file === 'wecom' ? wecomCount : count) * (measure.share ?? 1));
  const store = await server.prepare(context);
  const { server: process_, port } = await server.start(context, store);
  try {
    await waitForStillMachine(0.3, patience);
    const result = await load(measure, port, sent, Math.floor(sent * (measure.warmUp ?? 0.1)), process_.pid, store.pids);
    const problems = result.failed > 0 ? [`${result.failed} failed, first: ${result.first_failure}`] : [];
    if (server.counts) problems.push(...await checkCounts(measure, server, store, port, sent, result));
    return { ...result, problems };
  } finally {
    await stop(process_);
    if (server.settles) await server.verify(context, store);
    await store.drop();
  }
}

async function load(measure, port, sent, warmUp, serverPid, databasePids) {
  const pids = databasePids.flatMap((pid) => ['--database-pid', pid]);
  const { stdout, stderr } = await run(context.binaries.load, [
    'run', '--file', join(context.notifications, `${measure.file}.bin`), '--port', port, '--count', sent,
    '--warm-up', warmUp, '--connections', measure.connections, '--rate', measure.rate, '--server-pid', serverPid, ...pids,
  ].map(String));
  if (!stdout) throw new Error(`wefee-load: ${stderr}`);
  return JSON.parse(stdout);
}

/** Everything sent is stored once, and sending it again changes nothing. */
async function checkCounts(measure, server, store, port, sent, result) {
  const problems = [];
  const settles = server.settles || server.name === 'node' || server.name === 'ceiling';
  const expected = { inbox: sent, settled: settles && measure.file !== 'wecom' ? sent : 0 };
  const first = await settled(server, store);
  for (const [name, value] of Object.entries(expected))
    if (first[name] !== value) problems.push(`${name}: ${first[name]} instead of ${value}`);
  if (server.settles) result.settled_rps = sent / (await settledMillis(store)) * 1000;
  else if (settles) result.settled_rps = result.rps;
  const again = await load({ ...measure, rate: 0 }, port, sent, 0, process.pid, []);
  if (again.failed > 0) problems.push(`repeat: ${again.failed} failed, first: ${again.first_failure}`);
  const second = await settled(server, store);
  if (JSON.stringify(second) !== JSON.stringify(first))
    problems.push(`the repeat changed ${JSON.stringify(first)} to ${JSON.stringify(second)}`);
  return problems;
}

/** The counts, once the workers of a settling server are through (or three minutes have passed). */
async function settled(server, store) {
  if (server.settles)
    for (const limit = Date.now() + 180_000; await waiting(store) > 0 && Date.now() < limit;) await delay(250);
  return server.counts(store);
}

async function generate() {
  const wanted = (file, number) => chosen.some((measure) => measure.file === file) ? number : 0;
  await runOrThrow(context.binaries.load, ['gen', '--keys', context.keys, '--out', context.notifications,
    '--wechat', wanted('wechat', count), '--alipay', wanted('alipay', count), '--wecom', wanted('wecom', wecomCount),
  ].map(String));
}

const results = {};
const month = {};

/** After every run, so that an interrupted bench leaves what it has. */
function save() {
  const judged = [...judge(results, goals), ...judge(month, monthGoals(month))];
  writeFileSync(join(work, 'results.json'),
    `${JSON.stringify({ rounds, count, raisedLimits, durability, flushMs, results, month, goals: judged }, null, 1)}\n`);
  return judged;
}

mkdirSync(work, { recursive: true });
const needed = chosen.length > 0 ? ['load', 'ceiling'] : ['close'];
for (const name of needed) if (!existsSync(context.binaries[name])) throw new Error(`build ${name} first`);
console.log(`durability: MariaDB ${durability.join(' ')}, SQLite WAL synchronous=FULL`);
console.log(`raised limits: ${JSON.stringify(raisedLimits)}`);
const flushMs = flushTimes(work);
console.log(`one flush of this disk: ${flushMs.p50} ms, p99 ${flushMs.p99} ms`);
if (chosen.length > 0) console.log(`${rounds} round(s), ${count} notifications (WeCom ${wecomCount}); the first tenth is warm-up`);

let failures = 0;
context.mariadb = await startMariadb(join(work, 'mariadb'));
try {
  for (let round = 0; round < rounds; ++round) {
    for (const measure of chosen) {
      await generate();  // anew each time: WeChat's time stamps are good for five minutes
      const turn = measure.servers.map((_, i) => measure.servers[(i + round) % measure.servers.length]);
      for (const server of turn) {
        const result = await measureOnce(measure, server);
        ((results[measure.name] ??= {})[server.name] ??= []).push(result);
        failures += result.problems.length;
        save();
        console.log(`round ${round + 1} ${measure.name} ${server.name}: ${result.rps.toFixed(0)}/s, `
          + `p99 ${(result.p99_us / 1000).toFixed(2)} ms, others ${result.others_cores} cores`
          + (result.problems.length ? `\n  WRONG: ${result.problems.join('\n  WRONG: ')}` : ', counts exact'));
      }
    }
  }
  failures += await measureMonth(context,
    { chosen: chosenMonth, sizes, manual: options.manual, rounds, events: count * 5, results: month, save });
} finally {
  await context.mariadb.stop();
}

const judged = save();
if (chosen.length > 0) console.log(`\n${figuresTable(results)}`);
if (chosenMonth.length > 0) console.log(`\n${monthTable(month)}`);
console.log(`\n${goalsTable(judged)}`);
console.log(`\nAll figures: ${join(work, 'results.json')}`);
if (failures > 0) console.log(`${failures} count(s) were wrong`);
process.exit(failures > 0 ? 1 : 0);
