'use strict';
// A client that sets an API version where the program sets none: what a fix would do, for its proof.

const VERSION = process.env.GENAI_LIVE_COMPAT_PLACING;

exports.placed = (Client) => class GoogleGenAI extends Client {
  constructor(options = {}) {
    super({ ...options, httpOptions: { apiVersion: VERSION, ...options.httpOptions } });
  }
};
