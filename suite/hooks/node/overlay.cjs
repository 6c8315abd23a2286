'use strict';
// Gives a program the SDK in another version than the one it has installed; Node loads it at its start, by
// NODE_OPTIONS, in every thread. Nothing of the program is written to: names lead to another folder.

const Module = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const {
  OVERLAY, PROJECT, PACKAGE, IS_PLACED, isOurs, isInside, isBare, isProgram, instead,
} = require('./packages.cjs');

const PLACED = path.join(__dirname, 'placed.cjs');
const resolve = Module._resolveFilename;

const standIn = (filename) => ({ id: filename, filename, paths: Module._nodeModulePaths(path.dirname(filename)) });

// What a program gets that asks for a file: the package itself, or the package with an API version on its clients.
function given(filename, asking) {
  if (!IS_PLACED || !isProgram(asking) || !isInside(filename)) return filename;
  return filename === resolve.call(Module, PACKAGE, standIn(OVERLAY), false) ? PLACED : filename;
}

function leadRequire() {
  Module._resolveFilename = function (request, parent, ...rest) {
    const from = isOurs(request) ? standIn(OVERLAY) : parent;
    try {
      return given(instead(resolve.call(this, request, from, ...rest)), parent?.filename);
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
  const find = Resolver.prototype.resolveModuleFromDirIfExists;
  Resolver.prototype.resolveModuleFromDirIfExists = function (folder, request, options) {
    if (!isOurs(request)) return find.call(this, folder, request, options);
    const found = find.call(this, path.dirname(OVERLAY), request, options);
    return found && given(found, path.join(folder, 'asking.js'));
  };
}

if (process.env.GENAI_LIVE_COMPAT_OVERLAY) {
  leadRequire();
  leadJest();
  Module.register('./resolving.mjs', pathToFileURL(__filename));
}
