// Starting and ending programs: each is known by its pid and ended by it, also when the bench itself is stopped.
import { spawn, execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const running = new Set();

/** Without our own settings: the product reads WEFEE_* as configuration. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WEFEE_')));

/** Starts a server and resolves when `port` answers (or `ready()` says so). Its output is kept for error messages. */
export async function start(command, args, { env = {}, port, ready, seconds = 30 } = {}) {
  const child = spawn(command, args, { env: { ...environment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const server = { pid: child.pid, child, output: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => { server.output = (server.output + data).slice(-8000); });
  running.add(server);
  const exited = once(child, 'exit').then(([code, signal]) => {
    running.delete(server);
    Object.assign(server, { exited: true, how: signal ?? `code ${code}` });
  });
  server.ended = exited;
  const check = ready ?? (() => answers(port));
  for (const limit = Date.now() + seconds * 1000; !(await check());) {
    if (server.exited || Date.now() > limit)
      throw new Error(`${command} did not come up:\n${server.output}`);
    await delay(50);
  }
  return server;
}

/** Ends one server by its pid: politely, then at once after `seconds`. Throws when it did not end with code 0. */
export async function stop(server, seconds = 30) {
  if (!server.exited) process.kill(server.pid, 'SIGTERM');
  const late = delay(seconds * 1000, 'late', { ref: false });
  if ((await Promise.race([server.ended, late])) === 'late') {
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    throw new Error(`process ${server.pid} did not end within ${seconds} s`);
  }
  if (server.how !== 'code 0')
    throw new Error(`${server.child.spawnfile} ended with ${server.how}:\n${server.output}`);
}

process.on('exit', () => {
  for (const server of running) try { process.kill(server.pid, 'SIGKILL'); } catch { /* it has ended by itself */ }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/** Runs a program to its end: { code, stdout, stderr }. */
export function run(command, args, { input, env = {}, seconds = 600 } = {}) {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args,
      { env: { ...environment, ...env }, maxBuffer: 64 << 20, timeout: seconds * 1000 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ code: error ? error.code : 0, stdout, stderr });
      });
    if (input !== undefined) child.stdin.end(input);
  });
}

export async function runOrThrow(command, args, options) {
  const result = await run(command, args, options);
  if (result.code !== 0)
    throw new Error(`${command} ${args.join(' ')} exited with ${result.code}:\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function busyTicks() {
  const [user, nice, system, , , irq, softIrq] =
    readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].trim().split(/\s+/).slice(1).map(Number);
  return user + nice + system + irq + softIrq;
}

/** Waits until the machine uses less than `cores` for half a second, at most `seconds`. */
export async function waitForStillMachine(cores, seconds) {
  for (const limit = Date.now() + seconds * 1000; Date.now() < limit;) {
    const before = busyTicks();
    await delay(500);
    if ((busyTicks() - before) / 50 < cores) return;
  }
}
