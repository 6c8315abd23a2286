'use strict';
// Leads connections to some hosts elsewhere; Node loads it at its start, by NODE_OPTIONS, in every thread.
//
// All of Node's TCP, TLS, HTTP and fetch, and every library on them, opens its sockets by one method. A host's name
// is also looked up, for those who do that by themselves, as an address that nobody has, and that is led as well.
// TLS goes on asking for the host's own name.

const dns = require('node:dns');
const net = require('node:net');
const { syncBuiltinESMExports } = require('node:module');

const HOSTS = new Set((process.env.MOCKSERVER_REDIRECT ?? '').toLowerCase().split(',').filter(Boolean));
const [, HOST, PORT] = /^\[?(.*?)\]?:(\d+)$/.exec(process.env.MOCKSERVER_ADDRESS ?? '') ?? [];
const MARK = net.isIPv6(HOST) ? '100::8686' : '127.86.86.86';

const isLed = (host) =>
  typeof host === 'string' && (host === MARK || HOSTS.has(host.toLowerCase().replace(/\.$/, '')));

function leadSockets() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...given) {
    // net.connect and tls.connect hand over one array, [options, callback], which Node knows by a symbol on it.
    const list = Array.isArray(given[0]) ? given[0] : given;
    if (list[0] !== null && typeof list[0] === 'object') {
      // A copy: TLS reads the name it must see in the certificate from the original.
      if (isLed(list[0].host)) list[0] = { ...list[0], host: HOST, port: Number(PORT) };
    } else if (isLed(list[1])) {
      list.splice(0, 2, Number(PORT), HOST);
    }
    return connect.apply(this, given);
  };
}

function leadLookups() {
  for (const [owner, name] of [[dns, 'lookup'], [dns.promises, 'lookup']]) {
    const original = owner[name];
    owner[name] = (host, ...given) => original.call(owner, isLed(host) ? MARK : host, ...given);
  }
  syncBuiltinESMExports();
}

if (HOSTS.size && PORT) {
  leadSockets();
  leadLookups();
}
