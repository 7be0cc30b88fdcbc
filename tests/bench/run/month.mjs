// What wefee-close measures: the month's close and usage events, beside raw inserts of the same rows in the same run.
import { runOrThrow } from './processes.mjs';
import { median } from './report.mjs';
import { freshMariadb, freshSqlite } from './stores.mjs';

export const monthMeasures = ['close', 'rating', 'events'];
const engines = ['mariadb', 'sqlite'];
const linesAnInvoice = 10;
const long = 50000;  // so many subscriptions are closed in one round only, for the time alone
const seconds = 3600;

async function json(context, ...args) {
  return JSON.parse(await runOrThrow(context.binaries.close, args.map(String), { seconds }));
}

const fresh = (context, engine, name) =>
  engine === 'mariadb' ? freshMariadb(context.mariadb, name) : freshSqlite(context.work, name);

/** Runs `work` on an empty store. */
async function onStore(context, engine, name, work) {
  const store = await fresh(context, engine, name);
  try {
    return await work(store);
  } finally {
    await store.drop();
  }
}

function closeOnce(context, engine, subscriptions, way) {
  return onStore(context, engine, 'bench_month', async (store) => {
    await json(context, 'seed', '--store', store.url, '--subscriptions', subscriptions, ...way);
    if (engine === 'mariadb')
      await store.query('ANALYZE TABLE tenant, subscription, seat_change, usage_total, consent, consent_item, mandate, task;');
    const run = await json(context, 'close', '--store', store.url);
    const again = await json(context, 'close', '--store', store.url);
    const insert = (...which) =>
      onStore(context, engine, 'bench_raw', (raw) => json(context, 'raw', '--store', raw.url, '--from', store.url, ...which));
    const problems = [];
    const equal = (what, is, wanted) => { if (is !== wanted) problems.push(`${what}: ${is} instead of ${wanted}`); };
    equal('closed', run.closed, subscriptions);
    equal('closed again', again.closed, 0);
    if (subscriptions >= long) return { ...run, problems };
    const same = await insert();
    const bills = await insert('--bills');
    equal('invoices', same.rows.invoice, subscriptions);
    equal('lines', same.rows.invoice_line, subscriptions * linesAnInvoice);
    const beside = (raw) => run.invoices_per_second / raw.invoices_per_second;
    return { ...run, raw_per_second: same.invoices_per_second, ratio: beside(same), bills_ratio: beside(bills), problems };
  });
}

const each = (run, part) => (run[`${part}_seconds`] * 1e6 / run.closed).toFixed(0);

function closeLine(run) {
  const raw = run.ratio === undefined ? '' : `, ${run.ratio.toFixed(2)} x raw (${run.raw_per_second.toFixed(0)}/s), `
    + `${run.bills_ratio.toFixed(2)} x the bills alone`;
  return `${run.invoices_per_second.toFixed(0)} invoices/s in ${run.seconds.toFixed(1)} s${raw}; `
    + `us an invoice: read ${each(run, 'read')}, decide ${each(run, 'loop')}, write ${each(run, 'write')}, `
    + `commit ${each(run, 'commit')} in ${run.commits} transactions; `
    + `loop late by ${run.loop_lag_p99_ms.toFixed(1)} ms (p99); RSS ${run.rss_peak_mib.toFixed(0)} MiB`;
}

function eventsOnce(context, engine, events) {
  return onStore(context, engine, 'bench_month', (store) => onStore(context, engine, 'bench_raw', async (raw) => {
    const run = await json(context, 'events', '--store', store.url, '--raw-store', raw.url, '--events', events);
    return { ...run, ratio: run.events_per_second / run.raw_per_second, problems: [] };
  }));
}

const eventsLine = (run) => `${run.events_per_second.toFixed(0)} events/s, ${run.ratio.toFixed(2)} x raw `
  + `(${run.raw_per_second.toFixed(0)}/s); repeats ${run.repeats_per_second.toFixed(0)}/s`;

const ratingLine = (run) => `${run.lines_per_second.toFixed(0)} lines/s on one core, `
  + `${(run.seconds * 1e6 / run.invoices).toFixed(1)} us an invoice of ${(run.lines / run.invoices).toFixed(0)} lines`;

/** Runs the chosen ones and adds each run to `results`: { measure: { case: [run, ...] } }. */
export async function measureMonth(context, { chosen, sizes, manual, rounds, events, results, save }) {
  const way = manual ? ['--manual'] : [];
  let failures = 0;
  const keep = (measure, name, run, line) => {
    ((results[measure] ??= {})[name] ??= []).push(run);
    failures += run.problems.length;
    save();
    console.log(`${measure} ${name}: ${line(run)}${run.problems.map((problem) => `\n  WRONG: ${problem}`).join('')}`);
  };
  for (let round = 0; round < rounds; ++round) {
    if (chosen.includes('rating')) keep('rating', 'one core', { ...await json(context, 'rate', ...way), problems: [] }, ratingLine);
    for (const engine of engines) {
      for (const size of chosen.includes('close') ? sizes : [])
        if (round === 0 || size < long) keep(`close-${engine}`, String(size), await closeOnce(context, engine, size, way), closeLine);
      if (chosen.includes('events')) keep(`events-${engine}`, 'batches of 100', await eventsOnce(context, engine, events), eventsLine);
    }
  }
  return failures;
}

const names = { mariadb: 'MariaDB', sqlite: 'SQLite' };

/** Goals for judge(), of the sizes that ran. */
export function monthGoals(results) {
  const goals = [];
  for (const engine of engines) {
    const close = `close-${engine}`;
    const sizes = Object.keys(results[close] ?? {}).map(Number).sort((a, b) => a - b);
    for (const size of sizes) {
      const needs = [String(size)];
      if (size < long)
        goals.push({ text: `close of ${size}, ${names[engine]}: invoices/s / raw inserts of the same rows`, measure: close, goal: 0.4, atLeast: true,
          needs, value: (of) => of(close, String(size), 'ratio') });
      if (size === 100000)
        goals.push({ text: `close of ${size}, ${names[engine]}: seconds`, measure: close, goal: 60, atLeast: false, needs,
          value: (of) => of(close, String(size), 'seconds') });
      if (sizes.includes(2 * size))
        goals.push({ text: `close, ${names[engine]}: seconds of ${2 * size} / of ${size}`, measure: close, goal: 2.1, atLeast: false,
          needs: [...needs, String(2 * size)],
          value: (of) => of(close, String(2 * size), 'seconds') / of(close, String(size), 'seconds') });
    }
    if (sizes.length > 0)
      goals.push({ text: `close, ${names[engine]}: highest RSS in MiB`, measure: close, goal: 300, atLeast: false, needs: [],
        value: () => Math.max(...Object.values(results[close]).flat().map((run) => run.rss_peak_mib)) });
    goals.push({ text: `usage events, ${names[engine]}: events/s / raw inserts`, measure: `events-${engine}`, goal: 0.5, atLeast: true,
      needs: ['batches of 100'], value: (of) => of(`events-${engine}`, 'batches of 100', 'ratio') });
  }
  return goals;
}

/** The median line of each case. */
export function monthTable(results) {
  const lines = { close: closeLine, events: eventsLine, rating: ratingLine };
  const middle = (runs) => Object.fromEntries(
    Object.keys(runs[0]).filter((key) => key !== 'problems').map((key) => [key, median(runs.map((run) => run[key]))]));
  return Object.entries(results).flatMap(([measure, cases]) => Object.entries(cases).map(
    ([name, runs]) => `${measure} ${name} (${runs.length}): ${lines[measure.split('-')[0]](middle(runs))}`)).join('\n');
}
