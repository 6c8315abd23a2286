// A turn with @google/genai as any program has it that was written for the service: it names no address.
import { GoogleGenAI } from '@google/genai';

const ai = new GoogleGenAI({ apiKey: 'any', httpOptions: { apiVersion: 'v1alpha' } });
let said = '';
let complete;
const completed = new Promise((resolve) => { complete = resolve; });
const session = await ai.live.connect({
  model: 'gemini-2.0-flash-live-001',
  config: { responseModalities: ['TEXT'] },
  callbacks: {
    onmessage: (message) => {
      for (const part of message.serverContent?.modelTurn?.parts ?? []) said += part.text ?? '';
      if (message.serverContent?.turnComplete) complete();
    },
  },
});
session.sendClientContent({ turns: 'hello there', turnComplete: true });
await completed;
session.close();
console.log(JSON.stringify({ said }));
