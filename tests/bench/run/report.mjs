// Medians with their spread as a table, and the goals beside what was reached.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const figures = [
  ['requests/s', (run) => run.rps, 0],
  ['settled/s', (run) => run.settled_rps, 0],
  ['p50 ms', (run) => run.p50_us / 1000, 2],
  ['p99 ms', (run) => run.p99_us / 1000, 2],
  ['server us', (run) => run.server.cpu_us_per_request, 1],
  ['database us', (run) => run.database.cpu_us_per_request, 1],
  ['RSS MB', (run) => run.server.rss_peak_kb / 1024, 1],
  ['generator us', (run) => run.generator_cpu_us_per_request, 1],
  ['others cores', (run) => run.others_cores, 2],
];

function cell(runs, read, digits) {
  const values = runs.map(read).filter((value) => value !== undefined);
  if (values.length === 0) return '-';
  const text = (value) => value.toFixed(digits);
  const middle = text(median(values));
  return values.length === 1 ? middle : `${middle} (${text(Math.min(...values))}..${text(Math.max(...values))})`;
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((text, column) => text.padEnd(widths[column])).join('  ').trimEnd()).join('\n');
}

/** `results`: { measure: { server: [run, ...] } }. */
export function figuresTable(results) {
  const rows = [['measure', 'server', 'runs', ...figures.map(([title]) => title)]];
  for (const [measure, servers] of Object.entries(results))
    for (const [server, runs] of Object.entries(servers))
      rows.push([measure, server, String(runs.length), ...figures.map(([, read, digits]) => cell(runs, read, digits))]);
  return table(rows);
}

/** One row a goal whose servers all ran: { text, goal, reached, met }. */
export function judge(results, goals) {
  const medianOf = (measure, server, figure) => median(results[measure][server].map((run) => run[figure]));
  return goals
    .filter((goal) => goal.needs.every((server) => results[goal.measure]?.[server]?.length > 0))
    .map((goal) => {
      const reached = goal.value(medianOf);
      return { text: goal.text, goal: goal.goal, atLeast: goal.atLeast, reached,
        met: goal.atLeast ? reached >= goal.goal : reached <= goal.goal };
    });
}

export function goalsTable(judged) {
  const rows = [['goal', 'wanted', 'reached', '']];
  for (const { text, goal, atLeast, reached, met } of judged)
    rows.push([text, `${atLeast ? '>=' : '<='} ${goal}`, reached.toFixed(3), met ? 'met' : 'MISSED']);
  return table(rows);
}
