// -- what a journal entry means ---------------------------------------------------------------------------

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

function camelled(value) {
  if (Array.isArray(value)) return value.map(camelled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [camel(name), camelled(part)]));
}

function message(entry) {
  try {
    const value = camelled(JSON.parse(entry.payload));
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

// Each item is what a person would call one thing: a turn and not its forty frames.
function add(connection, entry) {
  const last = connection.items.at(-1);
  const item = { entries: [entry], at: entry.at, kind: 'line', text: entry.what, audio: [], calls: [] };
  if (entry.kind === 'refusal') item.kind = 'refusal';
  else if (entry.kind === 'in') read(item, message(entry), clientParts);
  else if (entry.kind === 'out') read(item, message(entry), serverParts);
  else if (entry.kind === 'open') { item.kind = 'opening'; item.text = `${entry.what} switching protocols`; } else item.text = `${entry.kind} ${entry.what}`;
  if (entry.kind === 'fault' || entry.kind === 'problem') item.kind = 'warning';
  if (entry.script && entry.kind !== 'refusal') item.text += ` (rule ${entry.rule} of ${entry.script})`;
  if (entry.kind === 'handshake') { item.kind = 'opening'; item.text = `handshake with ${(entry.placement ?? ['no credential']).join(' and ')}`; }
  if (last && joins(last, item)) {
    last.entries.push(entry);
    if (item.empty) return last;
    last.text += item.kind === 'opening' ? ` → ${item.text}` : item.text;
    last.thought = (last.thought ?? '') + (item.thought ?? '');
    last.said = (last.said ?? '') + (item.said ?? '');
    last.audio.push(...item.audio);
    last.calls.push(...item.calls);
    last.note = item.note || last.note;
    last.over = item.over;
    return last;
  }
  connection.items.push(item);
  if (connection.items.length > MAX_ITEMS) connection.items.shift().node?.remove();
  return item;
}

function joins(last, item) {
  if (item.empty && last.kind === 'model' && !last.over) return true;
  if (last.kind !== item.kind || last.over) return false;
  if (item.kind === 'model' || item.kind === 'opening') return true;
  return item.kind === 'user' && item.audio.length > 0 && last.audio.length > 0 && !item.text;
}

function read(item, content, parts) {
  if (content === null) return;
  parts(item, content);
  if (item.kind !== 'line' || item.text !== item.entries[0].what) return;
  item.empty = Object.values(content).every((part) => typeof part === 'object' && Object.keys(part ?? {}).length === 0) && !content.setupComplete;
  item.text = Object.keys(content).join(', ') || 'an empty message';
}

function clientParts(item, content) {
  const { clientContent, realtimeInput, toolResponse, setup } = content;
  if (setup) item.note = ['setup', setup.model, setup.sessionResumption?.handle && 'resumes'].filter(Boolean).join(' · ');
  if (!clientContent && !realtimeInput && !toolResponse) return;
  item.kind = 'user';
  item.text = '';
  for (const turn of clientContent?.turns ?? []) partsOf(item, turn.parts);
  for (const blob of [realtimeInput?.audio, ...(realtimeInput?.mediaChunks ?? [])]) if (blob) sound(item, blob, 16000);
  if (realtimeInput?.text) item.text += realtimeInput.text;
  if (realtimeInput?.video) item.note = 'a picture';
  for (const name of ['activityStart', 'activityEnd', 'audioStreamEnd']) if (realtimeInput?.[name]) item.note = name;
  for (const one of toolResponse?.functionResponses ?? []) item.calls.push(`${one.name ?? one.id} → ${JSON.stringify(one.response ?? {})}`);
  if (clientContent && clientContent.turnComplete === false) item.note = 'to be continued';
}

function serverParts(item, content) {
  const { serverContent, toolCall, toolCallCancellation, goAway, sessionResumptionUpdate } = content;
  if (goAway) { item.kind = 'warning'; item.text = `goAway: ${goAway.timeLeft ?? ''} left`; }
  if (sessionResumptionUpdate && !serverContent) item.text = `sessionResumptionUpdate ${sessionResumptionUpdate.newHandle ?? ''}`;
  if (toolCallCancellation) { item.kind = 'warning'; item.text = `toolCallCancellation ${(toolCallCancellation.ids ?? []).join(', ')}`; }
  if (!serverContent && !toolCall) return;
  item.kind = 'model';
  item.text = '';
  partsOf(item, serverContent?.modelTurn?.parts);
  item.said = serverContent?.outputTranscription?.text ?? '';
  if (serverContent?.inputTranscription?.text) item.note = `heard: ${serverContent.inputTranscription.text}`;
  for (const one of toolCall?.functionCalls ?? []) item.calls.push(`${one.name}(${JSON.stringify(one.args ?? {})})`);
  if (serverContent?.interrupted) item.note = 'interrupted';
  item.over = Boolean(serverContent?.turnComplete || toolCall);
}

function partsOf(item, parts) {
  for (const part of parts ?? []) {
    if (part.text) item[part.thought ? 'thought' : 'text'] = (item[part.thought ? 'thought' : 'text'] ?? '') + part.text;
    if (part.inlineData) sound(item, part.inlineData, 24000);
    if (part.functionResponse) item.calls.push(`${part.functionResponse.name} → ${JSON.stringify(part.functionResponse.response)}`);
  }
}
