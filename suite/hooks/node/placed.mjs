// What `import` gets in place of the package.

import * as sdk from '@google/genai';

import placing from './placing.cjs';

export * from '@google/genai';
export const GoogleGenAI = placing.placed(sdk.GoogleGenAI);
