// How `import` finds the package in another version; Node runs this in a thread of its own.

import { fileURLToPath, pathToFileURL } from 'node:url';

import packages from './packages.cjs';

const OVERLAY = pathToFileURL(packages.OVERLAY).href;
const PROJECT = pathToFileURL(packages.PROJECT).href;

export async function resolve(specifier, context, next) {
  if (packages.isOurs(specifier)) return next(specifier, { ...context, parentURL: OVERLAY });
  const parent = context.parentURL?.startsWith('file:') ? fileURLToPath(context.parentURL) : undefined;
  try {
    const found = await next(specifier, context);
    return { ...found, url: packages.insteadOfUrl(found.url) };
  } catch (error) {
    // What the package takes if it is there, such as an optional peer, is the program's.
    if (!packages.isInside(parent) || !packages.isBare(specifier)) throw error;
    return next(specifier, { ...context, parentURL: PROJECT });
  }
}
