// -- sound: PCM16 as it is on the wire, made a WAV that a browser plays --------------------------------------

function sound(item, blob, usual) {
  if (!blob.data || !(blob.mimeType ?? 'audio/pcm').startsWith('audio/')) return;
  const rate = Number(/rate=(\d+)/.exec(blob.mimeType ?? '')?.[1] ?? usual);
  item.audio.push({ data: blob.data, rate });
}

function samples(audio) {
  const pieces = audio.map(({ data }) => {
    try {
      return Uint8Array.from(atob(data.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
    } catch {
      return new Uint8Array();
    }
  });
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  pieces.reduce((at, piece) => (whole.set(piece, at), at + piece.length), 0);
  return whole;
}

function wav(audio) {
  const data = samples(audio);
  const rate = audio[0].rate;
  const head = new DataView(new ArrayBuffer(44));
  const write = (at, text) => [...text].forEach((letter, n) => head.setUint8(at + n, letter.charCodeAt(0)));
  write(0, 'RIFF'); head.setUint32(4, 36 + data.length, true); write(8, 'WAVEfmt ');
  head.setUint32(16, 16, true); head.setUint16(20, 1, true); head.setUint16(22, 1, true);
  head.setUint32(24, rate, true); head.setUint32(28, rate * 2, true); head.setUint16(32, 2, true); head.setUint16(34, 16, true);
  write(36, 'data'); head.setUint32(40, data.length, true);
  return new Blob([head, data], { type: 'audio/wav' });
}

function seconds(audio) {
  return audio.reduce((sum, { data, rate }) => sum + (data.length * 0.75) / 2 / rate, 0);
}

function player(item) {
  if (!item.audio.length) return null;
  const place = el('div', { class: 'sound' });
  const play = el('button', { type: 'button', onclick: () => {
    const address = URL.createObjectURL(wav(item.audio));
    const audio = el('audio', { controls: true, src: address });
    audio.addEventListener('emptied', () => URL.revokeObjectURL(address));
    place.replaceChildren(audio);
    audio.focus();
    audio.play().catch(() => {});
  } }, '▶ play');
  place.append(play, el('span', { class: 'quiet' }, `${seconds(item.audio).toFixed(1)} s of sound in ${item.audio.length} ${item.audio.length === 1 ? 'piece' : 'pieces'}`));
  return place;
}
