'use strict';
// Gives a program the SDK in another version than the one it has installed; Node loads it at its start, by
// NODE_OPTIONS, in every thread. Nothing of the program is written to: names lead to another folder.

const Module = require('node:module');
const { pathToFileURL } = require('node:url');

const { OVERLAY, PROJECT, instead, isBare, isInside, isOurs } = require('./packages.cjs');

const standIn = (filename) => ({ id: filename, filename, paths: Module._nodeModulePaths(require('node:path').dirname(filename)) });

function leadRequire() {
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, ...rest) {
    if (isOurs(request)) return resolve.call(this, request, standIn(OVERLAY), ...rest);
    try {
      return instead(resolve.call(this, request, parent, ...rest));
    } catch (error) {
      if (!isInside(parent?.filename) || !isBare(request)) throw error;
      return resolve.call(this, request, standIn(PROJECT), ...rest);
    }
  };
}

// Jest resolves names by itself, in a registry of modules of its own.
function leadJest() {
  const load = Module._load;
  Module._load = function (request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    if (request === 'jest-resolve') leadResolver(loaded.default ?? loaded);
    return loaded;
  };
}

const LED = Symbol('led');

function leadResolver(Resolver) {
  if (Resolver[LED]) return;
  Resolver[LED] = true;
  for (const name of ['resolveModuleFromDirIfExists', 'resolveModuleFromDirIfExistsAsync']) {
    const resolve = Resolver.prototype[name];
    if (resolve === undefined) continue;
    Resolver.prototype[name] = function (folder, request, options) {
      return resolve.call(this, isOurs(request) ? require('node:path').dirname(OVERLAY) : folder, request, options);
    };
  }
}

if (process.env.GENAI_LIVE_COMPAT_OVERLAY) {
  leadRequire();
  leadJest();
  Module.register('./resolving.mjs', pathToFileURL(__filename));
}
