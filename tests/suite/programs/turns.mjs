// A text, a tool and an audio turn with @google/genai: node turns.mjs MODEL FIELD
// FIELD is what the release calls audio in sendRealtimeInput: audio, or media in the first ones.
// Prints what came as one JSON object.
import {GoogleGenAI, Modality} from '@google/genai';

const [audioModel, field] = process.argv.slice(2);
const textModel = 'gemini-2.0-flash-live-001';
const ai = new GoogleGenAI({apiKey: 'any', httpOptions: {apiVersion: 'v1alpha'}});

/** One session with one turn; what the model said and did in it. */
async function turn(model, config, begin) {
  const seen = {said: '', bytes: 0};
  let session;
  let onEnd;
  const ended = new Promise((resolve, reject) => { onEnd = {resolve, reject}; });
  const onmessage = (message) => {
    for (const call of message.toolCall?.functionCalls ?? []) {
      Object.assign(seen, {called: call.name, args: call.args});
      const answer = {id: call.id, name: call.name, response: {sky: 'blue'}};
      session.sendToolResponse({functionResponses: [answer]});
    }
    const content = message.serverContent;
    if (content?.inputTranscription) seen.heard = content.inputTranscription.text;
    seen.said += content?.outputTranscription?.text ?? '';
    for (const part of content?.modelTurn?.parts ?? []) {
      seen.said += part.text ?? '';
      if (part.inlineData) seen.bytes += Buffer.from(part.inlineData.data, 'base64').length;
    }
    if (content?.turnComplete) onEnd.resolve();
  };
  const onclose = (event) => onEnd.reject(new Error(`closed with ${event.code} ${event.reason}`));
  session = await ai.live.connect({model, config, callbacks: {onmessage, onclose, onerror: onEnd.reject}});
  begin(session);
  await ended;
  session.close();
  return seen;
}

const text = {responseModalities: [Modality.TEXT]};
const parameters = {type: 'OBJECT', properties: {city: {type: 'STRING'}}, required: ['city']};
const tools = [{functionDeclarations: [{name: 'get_weather', parameters}]}];
const voice = {
  responseModalities: [Modality.AUDIO], inputAudioTranscription: {}, outputAudioTranscription: {},
};
const spoken = Buffer.alloc(64_000);
for (let n = 0; n < 16_000; n++) spoken.writeInt16LE(Math.round(8_000 * Math.sin(n * 0.2)), 2 * n);
const blob = {data: spoken.toString('base64'), mimeType: 'audio/pcm;rate=16000'};

const seen = {
  text: await turn(textModel, text, (s) => s.sendClientContent({turns: 'hello there, my friend'})),
  tool: await turn(textModel, {...text, tools}, (s) => s.sendClientContent({turns: 'please call get_weather'})),
  audio: await turn(audioModel, voice, (s) => s.sendRealtimeInput({[field]: blob})),
};
process.stdout.write(JSON.stringify(seen));
