// How `import` finds the package in another version; Node runs this in a thread of its own.

import { fileURLToPath, pathToFileURL } from 'node:url';

import packages from './packages.cjs';

const OVERLAY = pathToFileURL(packages.OVERLAY).href;
const PROJECT = pathToFileURL(packages.PROJECT).href;
const PLACED = new URL('./placed.mjs', import.meta.url).href;

const file = (url) => (url?.startsWith('file:') ? fileURLToPath(url) : undefined);

export async function resolve(specifier, context, next) {
  const asking = file(context.parentURL);
  const found = await lead(specifier, context, next, asking);
  if (!packages.IS_PLACED || !packages.isProgram(asking) || !packages.isInside(file(found.url))) return found;
  const { url } = await next(packages.PACKAGE, { ...context, parentURL: OVERLAY });
  return found.url === url ? { ...found, url: PLACED, format: 'module' } : found;
}

async function lead(specifier, context, next, asking) {
  if (packages.isOurs(specifier)) return next(specifier, { ...context, parentURL: OVERLAY });
  try {
    const found = await next(specifier, context);
    const path = file(found.url);
    return path === undefined ? found : { ...found, url: pathToFileURL(packages.instead(path)).href };
  } catch (error) {
    // What the package takes if it is there, such as an optional peer, is the program's.
    if (!packages.isInside(asking) || !packages.isBare(specifier)) throw error;
    return next(specifier, { ...context, parentURL: PROJECT });
  }
}
