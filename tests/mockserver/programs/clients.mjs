// Each client asks the host named first for a token, or looks it up; what became of it, as JSON.
//
//     node clients.mjs HOST CLIENT…

import { lookup } from 'node:dns';
import dns from 'node:dns/promises';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const [host, ...names] = isMainThread ? process.argv.slice(2) : workerData;
const path = '/v1alpha/auth_tokens';
const headers = { 'x-goog-api-key': 'any' };

const firstLine = (socket) => new Promise((resolve, reject) => {
  socket.once('data', (data) => { resolve(Number(String(data).split(' ')[1])); socket.destroy(); });
  socket.once('error', reject);
  socket.write(`POST ${path} HTTP/1.1\r\nhost: ${host}\r\nx-goog-api-key: any\r\ncontent-length: 2\r\n\r\n{}`);
});

const CLIENTS = {
  fetch: async () => (await fetch(`https://${host}${path}`, { method: 'POST', body: '{}', headers })).status,
  https: () => new Promise((resolve, reject) => {
    const request = https.request({ host, path, method: 'POST', headers }, (answer) => {
      resolve(answer.statusCode);
      answer.resume();
    });
    request.on('error', reject);
    request.end('{}');
  }),
  tls: () => firstLine(tls.connect(443, host, { servername: host })),
  'tls options': () => firstLine(tls.connect({ host, port: 443, servername: host })),
  net: () => firstLine(net.connect(80, host)),
  'net options': () => firstLine(net.connect({ host, port: 80 })),
  'net socket': () => firstLine(new net.Socket().connect(80, host)),
  'net address': async () => firstLine(net.connect(80, (await dns.lookup(host)).address)),
  lookup: () => new Promise((resolve) => lookup(host, (error, address) => resolve(error?.code ?? address))),
  thread: () => new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: [host, 'fetch'] });
    worker.once('message', (told) => resolve(told.fetch));
    worker.once('error', reject);
  }),
  // Node 22 has a WebSocket of its own.
  WebSocket: () => new Promise((resolve) => {
    if (typeof WebSocket === 'undefined') { resolve('none'); return; }
    const service = 'google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContent';
    const socket = new WebSocket(`wss://${host}/ws/${service}?key=any`);
    socket.onopen = () => { socket.close(); resolve('open'); };
    socket.onerror = () => resolve('error');
  }),
};

const said = {};
for (const name of names) {
  try {
    said[name] = await CLIENTS[name]();
  } catch (error) {
    said[name] = error.cause?.code ?? error.code ?? error.name;
  }
}
if (isMainThread) console.log(JSON.stringify(said));
else parentPort.postMessage(said);
