'use strict';
// What `require` gets in place of the package.

const sdk = require('@google/genai');

const { placed } = require('./placing.cjs');

const given = Object.getOwnPropertyDescriptors(sdk);
module.exports = Object.defineProperties({}, {
  ...given,
  GoogleGenAI: { value: placed(sdk.GoogleGenAI), enumerable: true },
});
