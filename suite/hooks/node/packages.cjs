'use strict';
// Which package a program is to have in another version, and what of it stands where.

const fs = require('node:fs');
const path = require('node:path');

const PACKAGE = '@google/genai';
const INSIDE = `node_modules/${PACKAGE}/`;
// The folder whose node_modules have that version, and the folder of the program; as files that could stand there.
const OVERLAY = path.join(process.env.GENAI_LIVE_COMPAT_OVERLAY ?? '', 'overlay.js');
const PROJECT = path.join(process.cwd(), 'project.js');
const ROOT = path.join(path.dirname(OVERLAY), 'node_modules', path.sep);
const IS_PLACED = Boolean(process.env.GENAI_LIVE_COMPAT_PLACING);

const isOurs = (specifier) => specifier === PACKAGE || specifier.startsWith(`${PACKAGE}/`);
const isInside = (file) => typeof file === 'string' && file.startsWith(ROOT);
const isBare = (specifier) => !/^(?:[./]|[A-Za-z][\w+.-]+:)/.test(specifier);
// Whether who asks for the package is the program, and not the package itself or one of these hooks.
const isProgram = (asking) =>
  asking !== OVERLAY && !isInside(asking) && path.dirname(asking ?? '') !== __dirname;

// The same file of the other version: for resolvers of a tool's own, which come with a path.
function instead(file) {
  const slashed = file.replaceAll(path.sep, '/');
  const at = slashed.lastIndexOf(INSIDE);
  if (at < 0 || isInside(file)) return file;
  const other = path.join(ROOT, PACKAGE, slashed.slice(at + INSIDE.length));
  return fs.existsSync(other) ? other : file;
}

module.exports = { OVERLAY, PROJECT, PACKAGE, IS_PLACED, isOurs, isInside, isBare, isProgram, instead };
